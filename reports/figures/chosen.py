"""What a figure has room for: of hundreds of arms, models or seeds it shows those that matter most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import count
from typing import Protocol, TypeVar

import numpy as np

from ablations.arms import BASELINE, SHAM
from ablations.seeds import Looks
from reports.inference.effects import Effect, effects
from reports.inference.intervals import Interval
from reports.study import Study

MOST_MODELS = 12
MOST_ARMS, MOST_ROWS, FEWEST_ARMS = 40, 120, 10
"""Rows of one model, rows of all models together, and what a model has in any case."""
MOST_SEEDS = 20
"""Dots of an arm."""


class Found(Protocol):
    """An effect or an interaction."""

    @property
    def arm(self) -> str: ...
    @property
    def accuracy(self) -> Interval: ...
    @property
    def verdict(self) -> str: ...


Some = TypeVar("Some", bound=Found)


def drawn_models(study: Study) -> list[str]:
    return study.models[:MOST_MODELS]


def models_left_out(study: Study) -> list[str]:
    """The line that says so where there are more models than panels."""
    shown, of = len(drawn_models(study)), len(study.models)
    return [f"drawn: the first {shown} of {of} models; the table has all"] if shown < of else []


def declared_looks(study: Study) -> list[str]:
    """The line that says what the declared looks cost the intervals; none where none were declared."""
    return ["each declared look has its share of the 5 %"] if isinstance(study.sampling, Looks) else []


def rows_of_each(study: Study) -> int:
    """How many arms of every model have room in a figure with a row for each."""
    return max(FEWEST_ARMS, min(MOST_ARMS, MOST_ROWS // max(1, len(drawn_models(study)))))


def measured(study: Study, model: str) -> list[Effect]:
    """The effects of a model that are numbers, the best first, the sham last."""
    return [e for e in effects(study) if e.model == model and not math.isnan(e.accuracy.mean)]


def foremost(found: Sequence[Some], most: int) -> list[Some]:
    """The sham, the decided ones by size, then the others by size; as many as there is room for, in their old order.

    Those above 0 and those below it take turns, so that many bad arms do not crowd out the good ones.
    """
    by_size = sorted(range(len(found)), key=lambda at: -abs(found[at].accuracy.mean))
    turns, above, below = dict[int, int](), count(), count()
    for at in by_size:
        turns[at] = next(above if found[at].accuracy.mean > 0 else below)
    ranked = sorted(by_size, key=lambda at: (found[at].arm != SHAM, not decided(found[at]), turns[at]))
    return [found[at] for at in sorted(ranked[:most])]


def decided(one: Found) -> bool:
    return one.verdict not in ("undecided", "not tested")


def extremes(names: Sequence[str], most: int) -> list[str]:
    """Both ends of a ranking."""
    if len(names) <= most:
        return list(names)
    return [*names[: (most + 1) // 2], *names[len(names) - most // 2 :]]


def seed_differences(study: Study, model: str) -> dict[str, list[tuple[int, float]]]:
    """By arm, its test accuracy less the baseline's, seed by seed."""
    scores = study.grid("test_accuracy")[study.models.index(model)]
    if BASELINE not in study.row_of:
        return {}
    differences = scores - scores[study.row_of[BASELINE]]
    return {arm: _by_seed(study.seeds, row) for arm, row in zip(study.arm_names, differences, strict=True)}


def _by_seed(seeds: Sequence[int], row: np.ndarray) -> list[tuple[int, float]]:
    return [(seeds[at], float(row[at])) for at in np.flatnonzero(np.isfinite(row)).tolist()]
