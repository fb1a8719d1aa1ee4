"""The note of an ablation in MLflow: the answer and the table, as much of it as fits."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection

from ablations.arms import SHAM
from reports.inference.effects import Effect, effects
from reports.inference.verdicts import DECIDED
from reports.study import Study
from reports.tables.markdown import escaped, paragraphs, table
from reports.tables.rows import SIZES, VERDICT, Column, Row, columns, rows
from reports.words.answer import answer
from reports.words.footnote import footnote

Place = tuple[str, str]
"""Model and arm."""


def note(study: Study, longest: int) -> str:
    """The answer and the table in Markdown, in at most `longest` characters.

    Where not all rows fit, some are left out whole, those that say least first, and a line says how many, and where all
    of them are. Where no table fits, as many sentences of the answer as do.
    """
    if len(text := _with_table(study)) <= longest:
        return text
    spare = _those_that_say_least(study)
    numbers = range(1, len(spare) + 1)
    enough = bisect_left(numbers, True, key=lambda left: len(_with_table(study, spare[:left])) <= longest)
    return _with_table(study, spare[: numbers[enough]]) if enough < len(numbers) else _without_table(study, longest)


def _with_table(study: Study, left_out: Collection[Place] = ()) -> str:
    lines = rows(study)
    kept = [row for row in lines if (row.model, row.arm) not in set(left_out)]
    return paragraphs(
        _title(study), escaped(" ".join(answer(study))), table(_columns(study), kept),
        _left_out(study, len(left_out), len(lines)) if left_out else "", escaped(footnote(study)),
    )  # fmt: skip


def _without_table(study: Study, longest: int) -> str:
    """The question, or else the name; the answer's first sentences; nothing where not even the name fits."""
    sentences, where = answer(study), f"The table does not fit here; it is in {_report(study)}."
    texts = (
        paragraphs(title, escaped(" ".join(sentences[:kept])), where)
        for title in (_title(study), f"**{escaped(study.name)}**")
        for kept in range(len(sentences), -1, -1)
    )
    return next((text for text in texts if len(text) <= longest), "")


def _title(study: Study) -> str:
    return f"**{escaped(study.question or study.name)}**"


def _columns(study: Study) -> list[Column]:
    """Those for which the UI has room: without sizes, and the verdict without what would settle it."""
    shown = [column for column in columns(study) if column not in SIZES]
    return [VERDICT._replace(text=_verdict) if column is VERDICT else column for column in shown]


def _verdict(row: Row) -> str:
    if not row.summary:
        return row.verdict
    return row.summary + (f"; unstable: {row.collapsed} runs collapsed" if row.collapsed else "")


def _left_out(study: Study, left: int, rows_in_all: int) -> str:
    return (
        f"**{left} of {rows_in_all} rows are left out** for want of room, those that say least (undecided ones, then "
        f"the smallest effects). All are in {_report(study)}."
    )


def _report(study: Study) -> str:
    return f"the report: `report/index.html` among the artifacts of the run **{escaped(study.name)}**"


def _those_that_say_least(study: Study) -> list[Place]:
    """All that may be left out, the first to go first; a baseline and the sham always stay."""
    found = sorted((effect for effect in effects(study) if effect.arm != SHAM), key=_says)
    return [(effect.model, effect.arm) for effect in found]


def _says(effect: Effect) -> tuple[bool, float]:
    """How much: whether anything is decided, then the size of the effect, 0 where there is none."""
    decided = effect.verdict in DECIDED or effect.gap_verdict in DECIDED
    return decided, 0.0 if math.isnan(effect.accuracy.mean) else abs(effect.accuracy.mean)
