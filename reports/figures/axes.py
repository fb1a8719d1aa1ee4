"""Axes that a single arm far away cannot stretch until all others lie in one place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from reports.inference.intervals import Interval

FARTHEST = 4.0
"""An arm whose effect is so many times that of an upper-quartile arm would squash all others; it is left off the axis,
and an arrow says so."""
UPPER = 0.75
ROOM = 0.06
"""Of an axis, free at both ends."""
MOST_SQUASHED = 3.0
"""Models share an axis that is at most so many times as long as the one each would have alone."""


class Axis(NamedTuple):
    """The stretch that a figure shows, in the units of its data."""

    low: float
    high: float
    logarithmic: bool = False

    def side(self, value: float) -> int:
        """-1 for what lies before the axis, 1 for what lies beyond it, 0 for what is on it."""
        return (value > self.high) - (value < self.low)

    def held(self, value: float) -> float:
        """The value, or the end of the axis that is nearest to it."""
        return min(max(value, self.low), self.high)

    def share(self, value: float) -> float:
        """How far along the axis, from 0 to 1."""
        low, high, at = (math.log(each) for each in (*self[:2], value)) if self.logarithmic else (*self[:2], value)
        return (at - low) / (high - low)

    def inset(self, side: int) -> float:
        """A place just inside an end, for the arrow that points beyond it; of a plain axis."""
        return (self.low if side < 0 else self.high) - side * 0.015 * (self.high - self.low)

    def placed(self, value: float) -> float:
        """The value, or the place of the arrow that points to it."""
        side = self.side(value)
        return self.inset(side) if side else value


def effect_axis(intervals: Sequence[Interval], dots: Sequence[float], margin: float) -> Axis:
    """An axis in points about 0: all but what lies far beyond the larger ones of the effects and their intervals."""
    sizes = (_upper([abs(i.mean) for i in intervals]), _upper([i.half for i in intervals]), 2 * margin)
    reach = FARTHEST * max(sizes)
    near = [i for i in intervals if abs(i.mean) <= reach]
    most = 1.5 * reach  # a wide interval may run out of the picture, the point it belongs to may not
    ends = [min(max(value, -most), most) for i in near for value in (i.mean, i.low, i.high) if not math.isnan(value)]
    ends += [dot for dot in dots if abs(dot) <= reach]
    low, high = min([*ends, -2 * margin]), max([*ends, 2 * margin])
    return with_room(low, high)


def shared(axes: Sequence[Axis]) -> list[Axis]:
    """One axis for all models, so that eyes compare them rightly; its own for each where that would squash one."""
    low, high = min(axis.low for axis in axes), max(axis.high for axis in axes)
    squashed = any(high - low > MOST_SQUASHED * (axis.high - axis.low) for axis in axes)
    return list(axes) if squashed else [Axis(low, high)] * len(axes)


def differing(axes: Sequence[Axis]) -> list[str]:
    """The line that says so where models share no axis."""
    return ["every model has an axis of its own length: compare numbers, not places"] if len(set(axes)) > 1 else []


def with_room(low: float, high: float) -> Axis:
    room = ROOM * (high - low)
    return Axis(low - room, high + room)


def _upper(sizes: Sequence[float]) -> float:
    known = sorted(size for size in sizes if not math.isnan(size))
    return known[int(UPPER * (len(known) - 1))] if known else 0.0
