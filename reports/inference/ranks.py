"""Rank intervals: which place each arm may really have, all of them together with 95 %."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from ablations.arms import SHAM
from ablations.seeds import Stein
from reports.inference.intervals import CONFIDENCE, FEWEST
from reports.inference.sampling import shared_confidence
from reports.study import Study


class Rank(NamedTuple):
    """The best and the worst place that an arm may have among those of a model, the baseline included; 1 is best."""

    best: int
    worst: int


@lru_cache(maxsize=4)
def ranks(study: Study) -> dict[tuple[str, str], Rank]:
    """By model and arm, the sham left out: places by test accuracy that paired t cannot rule out.

    An arm is behind those that are surely better, and ahead of those that are surely worse, by simultaneous intervals
    of all pairs (Mohamad, van Zwet and Goeman 2019, with paired t in place of Tukey's differences). None in two stages
    (Stein 1945), whose seeds were counted for one comparison of each arm.
    """
    if isinstance(study.sampling, Stein):
        return {}
    accuracy, confidence = study.grid("test_accuracy"), shared_confidence(study.sampling)
    found: dict[tuple[str, str], Rank] = {}
    for index, model in enumerate(study.models):
        arms = [arm for arm in study.arm_names if arm != SHAM and study.has(model, arm)]
        rows = accuracy[index, [study.row_of[arm] for arm in arms]]
        found |= {(model, arm): rank for arm, rank in zip(arms, places(rows, confidence), strict=True)}
    return found


def places(scores: np.ndarray, confidence: float = CONFIDENCE) -> list[Rank]:
    """The rank interval of each row of scores, arms x seeds, higher being better; not a number where there is none."""
    arms = len(scores)
    scores = scores[:, np.isfinite(scores).sum(axis=0) > 1]  # a seed of one arm alone compares nothing
    level = (1 - confidence) / max(1, arms * (arms - 1) // 2)
    signs = [_signs(scores - row, level) for row in scores]
    return [Rank(1 + int((sign > 0).sum()), arms - int((sign < 0).sum())) for sign in signs]


def _signs(differences: np.ndarray, level: float) -> np.ndarray:
    """Of each row of paired differences, 1 or -1 where its mean is surely above or below 0, else 0."""
    known = np.isfinite(differences)
    n = known.sum(axis=1)
    counted = np.maximum(n, 2)
    means = np.where(known, differences, 0).sum(axis=1) / counted
    squares = (np.where(known, differences - means[:, None], 0) ** 2).sum(axis=1)
    half = stdtrit(counted - 1, 1 - level / 2) * np.sqrt(squares / (counted - 1) / counted)
    sure = (n >= FEWEST) & (np.abs(means) > half) & (squares > 1e-18 * counted)
    return np.where(sure, np.sign(means), 0).astype(int)
