"""Interactions as a part of the page."""

from __future__ import annotations

import math

from reports.inference.interactions import Interaction, interactions
from reports.numbers import plus_minus
from reports.pages.sections.table import MODEL, Heading, Table, plain_table
from reports.study import Study

NUMBERS = ("n", "One alone", "Other alone", "Sum", "Both", "Interaction", "of the gap")
HEADINGS = (Heading("Pair", "name"), MODEL, *map(Heading, NUMBERS), Heading("Verdict", "words"))
NOTE = (
    "In points. Interaction: what both do to test {score} together, less what each does alone, seed by seed; 0 where "
    "effects add up. ± is half of a 95 % confidence interval (paired t), simultaneous over {over}. Two remedies of one "
    "ill often do less together than the sum of both, since there is less left to mend. An interaction takes about "
    "twice as many seeds as an effect."
)


def interaction_table(study: Study) -> Table | None:
    """Every pair of which both were run alone."""
    found = interactions(study)
    over = f"{len(found)} interaction{'s' * (len(found) > 1)}"
    note = NOTE.format(score=study.score, over=over)
    return plain_table(study, "interactions", "Interactions", HEADINGS, map(_row, found), note)


def _row(one: Interaction) -> list[str]:
    alone = (one.one_effect, one.other_effect)
    means = [plus_minus(mean, math.nan) for mean in (*alone, sum(alone), one.effect)]
    intervals = [plus_minus(interval.mean, interval.half) for interval in (one.accuracy, one.gap)]
    return [one.arm, one.model, str(one.accuracy.n), *means, *intervals, one.summary]
