"""Which seeds count at which look, and at what level: seeds that are added without peeking."""

from __future__ import annotations

import math
from typing import NamedTuple

from ablations.seeds import Looks, Stein
from reports.inference.intervals import CONFIDENCE, quantile


class Look(NamedTuple):
    """A declared look at the runs."""

    seeds: int | None
    """How many of them count, from the first one on; None: all there are."""
    confidence: float
    """With which all intervals of this look hold together."""


def declared_looks(sampling: Looks | Stein | None) -> tuple[Look, ...]:
    """The looks that were declared, each with its share of the error; one at everything where none were."""
    if not isinstance(sampling, Looks):
        return (Look(None, CONFIDENCE),)
    counts = sampling.looks
    return tuple(Look(count, 1 - (1 - CONFIDENCE) / len(counts)) for count in counts)


def shared_confidence(sampling: Looks | Stein | None) -> float:
    """With which intervals hold together at whatever look their seeds were counted."""
    return declared_looks(sampling)[-1].confidence


def stein_seeds(first: int, sd: float, half_width: float, level: float, most: int) -> int:
    """Seeds in all that keep an interval's half width at `half_width`, from the spread of the first ones (Stein 1945).

    Since it looks at the spread alone and never at the mean, the interval holds as if the number had been fixed.
    """
    needed = math.ceil((quantile(level, first - 1) * sd / half_width) ** 2)
    return min(max(first, needed), most)
