"""The looks that were taken, as a part of the page: every one of them, for every arm."""

from __future__ import annotations

from ablations.arms import SHAM
from ablations.seeds import Looks
from reports.inference.effects import Effect, effects
from reports.inference.intervals import Interval
from reports.inference.verdicts import accuracy_verdict
from reports.numbers import NONE, plus_minus
from reports.pages.sections.table import MODEL, Heading, Table, plain_table
from reports.study import Study

NOTE = (
    "Effect on test {score} at each declared look, with the seeds that count at it, and its word. Every look has "
    "{share} of the level, so looking several times makes no more false verdicts (Dunn 1961); a decided arm stops."
)


def look_table(study: Study) -> Table | None:
    """Every arm at every look that it came to."""
    if not isinstance(study.sampling, Looks):
        return None
    counts = study.sampling.looks
    headings = (Heading("Arm", "name"), MODEL, *(Heading(f"{count} seeds", "text") for count in counts))
    rows = [_row(study, effect, len(counts)) for effect in effects(study) if effect.arm != SHAM]
    share = {2: "half", 3: "a third", 4: "a quarter"}.get(len(counts), f"1/{len(counts)}")
    return plain_table(study, "looks", "Looks", headings, rows, NOTE.format(score=study.score, share=share))


def _row(study: Study, effect: Effect, looks: int) -> list[str]:
    taken = [_at(interval, study.margin) for interval in effect.looks]
    return [effect.arm, effect.model, *taken, *[NONE] * (looks - len(taken))]


def _at(interval: Interval, margin: float) -> str:
    return f"{plus_minus(interval.mean, interval.half)}: {accuracy_verdict(interval, margin)}"
