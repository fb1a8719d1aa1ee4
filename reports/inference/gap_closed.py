"""How much of the baseline's train-test gap an arm closes, with its interval."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reports.inference.intervals import FEWEST, paired_interval, quantile


class GapClosed(NamedTuple):
    """Share of the baseline's gap that is gone, from 1 (all of it) down; not a number where it has no meaning."""

    share: float = math.nan
    low: float = math.nan
    high: float = math.nan

    @property
    def known(self) -> bool:
        return not math.isnan(self.share)


UNKNOWN = GapClosed()


def gap_closed(arm: ArrayLike, baseline: ArrayLike, level: float) -> GapClosed:
    """1 less the ratio of mean gaps, its interval by the delta method with t (n - 1 degrees of freedom).

    `arm` and `baseline` are gaps under the same seeds. Left out where the baseline's gap is not clearly above 0, since
    a share of nothing means nothing.
    """
    above, below = np.asarray(arm, float), np.asarray(baseline, float)
    n = len(below)
    if n < FEWEST or not paired_interval(below).low > 0:
        return UNKNOWN
    ratio = float(above.mean() / below.mean())
    spread = float((above - ratio * below).std(ddof=1)) / float(below.mean())
    half = quantile(level, n - 1) * spread / math.sqrt(n)
    return GapClosed(1 - ratio, 1 - ratio - half, 1 - ratio + half)
