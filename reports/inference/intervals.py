"""The mathematics of paired seeds: an effect and its simultaneous interval, as plain functions of numbers."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from ablations.seeds import FEWEST as FEWEST
from reports.inference.guard import NO_PRIOR, Prior

CONFIDENCE = 0.95
MOST_SEEDS = 1000
SAME = 1e-9
"""Numbers that differ by less are equal but for rounding."""


class Interval(NamedTuple):
    """The mean of n paired differences, in points, and where the true mean lies; not a number where not tested."""

    n: int
    mean: float
    sd: float
    """Of the differences themselves."""
    low: float = math.nan
    high: float = math.nan
    level: float = 1 - CONFIDENCE
    """How often such an interval may miss the true mean, on either side together."""
    prior: Prior = NO_PRIOR
    """What the other arms' spread added to this one's."""
    first: int = 0
    """Of how many differences the spread is taken, where not of all (Stein 1945)."""

    @property
    def tested(self) -> bool:
        return not math.isnan(self.low)

    @property
    def half(self) -> float:
        """Half the interval's width, the number behind +-."""
        return (self.high - self.low) / 2


def paired_interval(
    differences: ArrayLike, family: int = 1, confidence: float = CONFIDENCE, prior: Prior = NO_PRIOR
) -> Interval:
    """Student's t interval of the mean of paired differences (arm minus baseline, same seed), n - 1 degrees of freedom.

    Each of `family` such intervals has level `(1 - confidence) / family`, so that all of them hold together with
    `confidence` (Bonferroni; Dunn 1961). `prior` guards the variance of few seeds. Not tested below three differences,
    nor where all of them are equal: then the seed has changed nothing, and t would call it certain.
    """
    values = np.asarray(differences, dtype=float)
    n, level = len(values), (1 - confidence) / family
    mean = mean_of(values)
    sd = float(values.std(ddof=1)) if n > 1 else math.nan
    if n < FEWEST or identical(values):
        return Interval(n, mean, sd, level=level)
    half = half_width(sd, n, level, prior)
    return Interval(n, mean, sd, mean - half, mean + half, level, prior.at(n))


def two_stage_interval(differences: ArrayLike, first: int, level: float) -> Interval:
    """Stein's (1945) interval: the mean of all differences, but the spread and degrees of freedom of the first ones.

    So it holds although the spread of the first ones said how many more there were to be.
    """
    values = np.asarray(differences, dtype=float)
    found = paired_interval(values[:first], confidence=1 - level)
    n, mean = len(values), mean_of(values)
    if not found.tested:
        return found._replace(n=n, mean=mean, sd=float(values.std(ddof=1)) if n > 1 else math.nan)
    half = found.half * math.sqrt(found.n / n)
    return Interval(n, mean, found.sd, mean - half, mean + half, level, first=found.n)


def half_width(sd: float, n: int, level: float, prior: Prior = NO_PRIOR) -> float:
    """Half the width of a t interval that misses with probability `level`."""
    return quantile(level, n - 1 + prior.at(n).df) * prior.guarded(sd, n) / math.sqrt(n)


def quantile(level: float, df: float) -> float:
    """Student's t beyond which lies half of `level`; scipy.stats has it too but takes most of a second to import."""
    return float(stdtrit(df, 1 - level / 2))


def mean_of(values: np.ndarray) -> float:
    """The mean; not a number where there are none."""
    return float(values.mean()) if len(values) else math.nan


def identical(values: ArrayLike) -> bool:
    """Whether differences are equal but for rounding."""
    return bool(np.ptp(np.asarray(values, dtype=float)) < SAME)


def seeds_to_settle(interval: Interval, margin: float) -> int | None:
    """Seeds at which the verdict would be decided were mean and spread to stay what they are; None above 1,000.

    Decided means that the interval leaves out 0, or lies within the margin, whichever takes fewer seeds.
    """
    wanted = max(abs(interval.mean), margin - abs(interval.mean))
    return next((n for n in range(FEWEST, MOST_SEEDS + 1) if _half_at(interval, n) < wanted), None)


def _half_at(interval: Interval, n: int) -> float:
    """Half the interval's width were there n seeds of the same spread."""
    if interval.first:
        return quantile(interval.level, interval.first - 1) * interval.sd / math.sqrt(n)
    return half_width(interval.sd, n, interval.level, interval.prior)
