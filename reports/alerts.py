"""Alerts: what a reader has to know before trusting a table."""

from __future__ import annotations

from collections.abc import Iterator

from ablations.arms import BASELINE, SHAM
from ablations.designs import PLAIN
from reports.effects import collapsed, effects
from reports.intervals import paired_interval
from reports.study import Study
from reports.tables import signed


def alerts(study: Study) -> list[str]:
    """One sentence each, the gravest first; empty where there is nothing to warn of."""
    return [
        *_unfinished(study),
        *_working_sham(study),
        *_not_overfitting(study),
        *_collapsed(study),
        *_few_seeds(study),
    ]


def _unfinished(study: Study) -> Iterator[str]:
    status = study.runs["status"].value_counts()
    if missing := status.get("missing", 0):
        yield f"{missing} of {len(study.runs)} runs are missing; the same `ablate run` goes on with them."
    failed = study.runs[study.runs["status"] == "failed"]
    if len(failed):
        first = failed.iloc[0]
        named = f"{first['arm']} seed {first['seed']}: {first['reason']}"
        yield f"{len(failed)} of {len(study.runs)} runs failed; the first, {named}."
    if study.trouble:
        yield f"The tracker could not be asked ({study.trouble}); the numbers are those recorded on this machine."


def _working_sham(study: Study) -> Iterator[str]:
    for effect in effects(study):
        if effect.arm == SHAM and effect.verdict in ("helps", "hurts"):
            yield (
                f"The sham, which changes nothing, {effect.verdict} on {effect.model} "
                f"({signed(effect.accuracy.mean)} points): effects of that size here may be chance."
            )


def _not_overfitting(study: Study) -> Iterator[str]:
    arm, said = (PLAIN, "plain recipe") if study.full_set else (BASELINE, "baseline")
    for model in study.models:
        gap = paired_interval(study.cell(model, arm)["gap"].dropna())
        if gap.tested and gap.low <= 0:
            found = f"gap {signed(gap.low)} to {signed(gap.high)}"
            yield f"The {said} does not overfit on {model} ({found}): there is nothing to remedy."


def _collapsed(study: Study) -> Iterator[str]:
    for model in study.models:
        cells = {arm: study.cell(model, arm) for arm in dict.fromkeys(study.runs["arm"])}
        counts = {arm: (int(collapsed(cell, study.chance).sum()), len(cell)) for arm, cell in cells.items()}
        shown = [f"{arm} {out} of {n}" for arm, (out, n) in counts.items() if out]
        if shown:
            yield f"Collapsed runs (diverged, at chance, or far from their arm) on {model}: {', '.join(shown)}."


def _few_seeds(study: Study) -> Iterator[str]:
    seeds = study.runs["seed"].nunique()
    if seeds < 5:
        yield f"Only {seeds} seed{'s' * (seeds != 1)}: intervals are wide, and below 3 nothing is tested."
