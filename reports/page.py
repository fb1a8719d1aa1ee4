"""The page: one file that works offline, on a phone, on paper, in the dark."""

from __future__ import annotations

import math
import re
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from ablations.arms import BASELINE, SHAM
from ablations.spec import Claim
from reports.alerts import alerts
from reports.answer import answer
from reports.cards import cards, other_lines
from reports.effects import Effect, effects
from reports.figures import FAINT, INK, PAPER, describe
from reports.interactions import Interaction, interactions
from reports.members import AgainstMembers, against_members
from reports.searched import searched_table
from reports.study import Study
from reports.tables import ARM, VERDICT, Column, Row, columns, footnote, plus_minus, points, rows
from reports.verdicts import judge

DOWNLOADS = ("runs.csv", "effects.csv", "table.csv", "table.md", "table.tex")


def page(study: Study, pictures: dict[str, str]) -> str:
    """The report as HTML; `pictures` are SVG texts by figure name."""
    text = resources.files("reports").joinpath("templates/page.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text).render(_content(study, pictures))


def _content(study: Study, pictures: dict[str, str]) -> dict[str, Any]:
    status = study.runs["status"].value_counts()
    found = {(e.model, e.arm): e for e in effects(study)}
    more = {"interactions.csv": interactions(study), "members.csv": against_members(study)}
    downloads = (*DOWNLOADS, *(name for name, found in more.items() if found))
    return {
        "study": study,
        "several": len(study.models) > 1,
        "answer": answer(study),
        "alerts": alerts(study),
        "counts": ", ".join(f"{count} {word}" for word, count in status.items()),
        "columns": columns(study),
        "rows": [_line(row, columns(study)) for row in rows(study)],
        "footnote": footnote(study),
        "margin": points(study.margin),
        "pictures": [(name, inlined(svg, name, describe(study, name))) for name, svg in pictures.items()],
        "claims": [_claim(study, claim, found) for claim in study.claims],
        "interactions": [_interaction(one) for one in interactions(study)],
        "members": [_members(one) for one in against_members(study)],
        "cards": cards(study),
        "other_lines": other_lines(study),
        "searches": searched_table(study.searches),
        "failures": study.runs[study.runs["status"] == "failed"][["arm", "model", "seed", "reason"]].to_dict("records"),
        "downloads": [*downloads, *(f"figures/{name}.{kind}" for name in pictures for kind in ("svg", "png"))],
    }


def _line(row: Row, shown: tuple[Column, ...]) -> dict[str, Any]:
    """A row of the table: its kind, and its cells with their classes; the arm's name heads it."""
    cells = []
    for column in shown:
        kinds = {"number": column.numeric, "words": column is VERDICT, "decided": column.bold(row)}
        classes = " ".join(name for name, applies in kinds.items() if applies)
        cells.append({"text": column.text(row), "classes": classes, "heads": column is ARM})
    return {"kind": row.arm if row.arm in (BASELINE, SHAM) else "", "cells": cells}


def _members(one: AgainstMembers) -> dict[str, Any]:
    """An ensemble's line; losses have two more digits, being small numbers."""
    gain, loss = one.gain, one.loss
    numbers = [
        str(one.members), str(gain.n), f"{one.test_accuracy:.1f}", f"{one.members_accuracy:.1f}",
        plus_minus(gain.mean, gain.half), f"{one.better} of {gain.n}", plus_minus(loss.mean, loss.half, digits=3),
    ]  # fmt: skip
    return {"arm": one.arm, "model": one.model, "numbers": numbers}


def inlined(svg: str, name: str, description: str) -> Markup:
    """A picture as part of the page: its ink is the page's, so that it reads in the dark; its finding can be heard."""
    svg = re.sub(r"\s(width|height)=\"[\d.]+\"", "", svg.partition(">")[0]) + ">" + svg.partition(">")[2]
    for drawn, shown in ((INK, "var(--ink)"), (PAPER, "transparent"), (FAINT, "var(--faint)")):
        svg = svg.replace(f'"{drawn}"', f'"{shown}"')
    svg = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>{name}-", svg)  # several pictures on one page share no ids
    label = jinja2.filters.escape(description)
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1))


def _claim(study: Study, claim: Claim, found: dict[tuple[str, str], Effect]) -> dict[str, Any]:
    judged = []
    for model in study.models:
        effect = found[model, claim.arm]
        interval = effect.gap if claim.measure == "gap" else effect.accuracy
        judged.append((model, judge(claim, effect.accuracy, effect.gap), plus_minus(interval.mean, interval.half)))
    said = f"{claim.arm}: {'gap' if claim.measure == 'gap' else 'test accuracy'} {claim.direction}"
    return {"said": said, "source": claim.source, "judged": judged}


def _interaction(one: Interaction) -> dict[str, Any]:
    effects_alone = (one.one_effect, one.other_effect)
    means = (*effects_alone, sum(effects_alone), one.effect)
    return {
        "arm": one.arm, "model": one.model, "words": one.summary,
        "numbers": [
            str(one.accuracy.n), *(plus_minus(mean, math.nan) for mean in means),
            plus_minus(one.accuracy.mean, one.accuracy.half), plus_minus(one.gap.mean, one.gap.half),
        ],
    }  # fmt: skip
