"""Collapsed runs: those that learned nothing, or lie far from the others of their arm. Shown, never dropped."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from reports.study import Study

AT_CHANCE = 2.0
"""Points above guessing within which a run counts as not having learned."""
FAR_OUT = 5.0
"""Robust standard deviations from its arm's median beyond which a run counts as collapsed."""
FEWEST = 5
"""Runs below which an arm has no spread worth the name."""


@lru_cache(maxsize=4)
def collapsed_runs(study: Study) -> np.ndarray:
    """Which runs of a study collapsed, models x arms x seeds."""
    models = zip(study.grid("test_accuracy"), study.diverged, strict=True)
    return np.array([_of_model(accuracy, diverged, study.chance) for accuracy, diverged in models])


def _of_model(accuracy: np.ndarray, diverged: np.ndarray, chance: float | None) -> list[np.ndarray]:
    usual = float(np.median([robust_spread(arm) for arm in accuracy]))
    return [collapsed(*arm, chance, usual) for arm in zip(accuracy, diverged, strict=True)]


@lru_cache(maxsize=4)
def collapsed_counts(study: Study) -> dict[tuple[str, str], tuple[int, int]]:
    """Of every model and arm, how many runs collapsed, and of how many."""
    out, left = collapsed_runs(study).sum(axis=2), study.left.sum(axis=2)
    cells = [(index, row) for index in range(len(study.models)) for row in range(len(study.arm_names))]
    return {(study.models[m], study.arm_names[a]): (int(out[m, a]), int(left[m, a])) for m, a in cells}


def collapsed(accuracy: ArrayLike, diverged: ArrayLike, chance: float | None, usual: float = 0.0) -> np.ndarray:
    """Which runs of one arm diverged, sit at chance, or lie over 5 robust standard deviations from its median.

    `accuracy` in percent; `chance` is that of guessing, None where it is not known; `usual` is the robust spread of
    the median arm. The spread is the arm's own, yet not below the usual one: that of five calm runs is so small by
    chance in one arm of nine that one of them would count as collapsed. Fewer than five runs are not asked.
    """
    values = np.asarray(accuracy, float)
    out = np.asarray(diverged, bool) | _far_out(values, usual)
    return out if chance is None else out | (values <= chance + AT_CHANCE)


def robust_spread(values: np.ndarray) -> float:
    """The standard deviation by the median distance from the median (1.4826 MAD), of what is a number."""
    known = values[np.isfinite(values)]
    return 1.4826 * float(np.median(np.abs(known - np.median(known)))) if len(known) else 0.0


def _far_out(values: np.ndarray, usual: float) -> np.ndarray:
    spread = max(robust_spread(values), usual)
    known = np.isfinite(values)
    if known.sum() < FEWEST or not spread:
        return np.zeros(len(values), bool)
    return np.abs(values - np.median(values[known])) > FAR_OUT * spread
