"""The mathematics of paired seeds: an effect and its simultaneous interval, as plain functions of numbers."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

CONFIDENCE = 0.95
FEWEST = 3
"""Seeds below which nothing is tested."""
MOST_SEEDS = 1000


class Interval(NamedTuple):
    """The mean of n paired differences, in points, and where the true mean lies; not a number where not tested."""

    n: int
    mean: float
    sd: float
    low: float = math.nan
    high: float = math.nan

    @property
    def tested(self) -> bool:
        return not math.isnan(self.low)

    @property
    def half(self) -> float:
        """Half the interval's width, the number behind +-."""
        return (self.high - self.low) / 2


def paired_interval(differences: ArrayLike, family: int = 1, confidence: float = CONFIDENCE) -> Interval:
    """Student's t interval of the mean of paired differences (arm minus baseline, same seed), n - 1 degrees of freedom.

    Each of `family` such intervals has level `1 - (1 - confidence) / family`, so that all of them hold together with
    `confidence` (Bonferroni). Not tested below three differences, nor where all of them are equal: then the seed has
    changed nothing, and t would call it certain.
    """
    values = np.asarray(differences, dtype=float)
    n = len(values)
    mean = float(values.mean()) if n else math.nan
    sd = float(values.std(ddof=1)) if n > 1 else math.nan
    if n < FEWEST or identical(values):
        return Interval(n, mean, sd)
    half = half_width(sd, n, family, confidence)
    return Interval(n, mean, sd, mean - half, mean + half)


def half_width(sd: float, n: int, family: int = 1, confidence: float = CONFIDENCE) -> float:
    """Half the width of one of `family` simultaneous t intervals."""
    # Student's t quantile; scipy.stats has it too but takes most of a second to import.
    return float(stdtrit(n - 1, 1 - (1 - confidence) / (2 * family))) * sd / math.sqrt(n)


def identical(values: ArrayLike) -> bool:
    """Whether differences are equal but for rounding."""
    return bool(np.ptp(np.asarray(values, dtype=float)) < 1e-9)


def seeds_to_settle(interval: Interval, margin: float, family: int) -> int | None:
    """Seeds at which the verdict would be decided were mean and spread to stay what they are; None above 1,000.

    Decided means that the interval leaves out 0, or lies within the margin, whichever takes fewer seeds.
    """
    wanted = max(abs(interval.mean), margin - abs(interval.mean))
    enough = (n for n in range(FEWEST, MOST_SEEDS + 1) if half_width(interval.sd, n, family) < wanted)
    return next(enough, None)
