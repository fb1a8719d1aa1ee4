"""Guarded variance: with few seeds an arm's spread is judged by that of all arms, never taken for less than its own.

Three seeds may lie close together by chance, and t would be sure of it. Smyth (2004) has the arms lend each other
degrees of freedom; the guard (never below the arm's own) and the cap are this project's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, polygamma

FEWEST_ARMS = 5
"""Below them too little is known of a common spread: with two arms and three seeds the error would be .083."""
SEEDS = range(3, 9)
"""Numbers of seeds at which the guard acts; with more, an arm's own spread is known well enough."""
CAP = 4.0
"""Degrees of freedom that the other arms lend at most."""
TINY = 1e-5
"""Share of the median below which a variance counts as this much: its logarithm would drown all others (limma)."""


class Prior(NamedTuple):
    """What is known of the spread of differences before one looks at an arm's own."""

    df: float = 0.0
    variance: float = math.nan

    def at(self, n: int) -> Prior:
        """What is left of it at so many seeds."""
        return self if n in SEEDS else NO_PRIOR

    def guarded(self, sd: float, n: int) -> float:
        """The standard deviation to reckon with."""
        df, variance = self.at(n)
        if not df:
            return sd
        own = sd**2
        return math.sqrt(max(own, (df * variance + (n - 1) * own) / (df + n - 1)))


NO_PRIOR = Prior()
"""Plain paired t."""


def prior_of(arms: Sequence[ArrayLike]) -> Prior:
    """The common spread of the paired differences of several arms; none for fewer than five with three seeds or more.

    Degrees of freedom by the moments of the variances' logarithms (Smyth 2004, section 6.2), at most four; the
    variance is the mean of the arms' own, weighted by their degrees of freedom.
    """
    values = [np.asarray(arm, dtype=float) for arm in arms]
    spread = [one for one in values if len(one) in SEEDS and np.ptp(one) > 1e-9]
    if len(spread) < FEWEST_ARMS:
        return NO_PRIOR
    variances = np.array([one.var(ddof=1) for one in spread])
    df = np.array([len(one) - 1 for one in spread], dtype=float)
    return Prior(min(CAP, prior_df(variances, df)), float(np.average(variances, weights=df)))


def prior_df(variances: np.ndarray, df: np.ndarray) -> float:
    """Smyth's (2004) estimate of the prior degrees of freedom: infinite where variances differ by chance alone."""
    logs = np.log(np.maximum(variances, TINY * np.median(variances)))
    centred = logs - digamma(df / 2) + np.log(df / 2)
    excess = float(centred.var(ddof=1) - polygamma(1, df / 2).mean())
    return 2 * inverse_trigamma(excess) if excess > 0 else math.inf


def inverse_trigamma(value: float) -> float:
    """The x > 0 whose trigamma is `value` > 0, by Newton's steps on the reciprocal (Smyth 2004, appendix)."""
    x = 0.5 + 1 / value
    for _ in range(50):
        trigamma = float(polygamma(1, x))
        step = trigamma * (1 - trigamma / value) / float(polygamma(2, x))
        x += step
        if -step / x < 1e-8:
            break
    return x
