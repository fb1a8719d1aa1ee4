"""Receptive fields along one axis, exactly: which pixels of the image each position of a map has seen.

The usual recursion, field + (window - 1) * jump and jump * stride, holds for convolutions and pools alone. Behind
what enlarges a map, the fields of neighbours differ; they repeat, though, so here they are kept for one period.
Pixels of the padding count, as in the usual recursion: a field may reach beyond the image.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class Span(NamedTuple):
    """The first and the last pixel."""

    first: int
    last: int


class Grid(NamedTuple):
    """What the positions of a map have seen: one span for each position of a period, None where nothing was seen."""

    spans: tuple[Span | None, ...]
    shift: int
    """By how many pixels a period later is moved; 0 where all positions have seen the same."""

    def at(self, position: int) -> Span | None:
        periods, place = divmod(position, len(self.spans))
        span = self.spans[place]
        return span and Span(span.first + periods * self.shift, span.last + periods * self.shift)

    @property
    def field(self) -> int:
        """Pixels of the largest span."""
        return max((span.last - span.first + 1 for span in self.spans if span), default=0)

    @property
    def jump(self) -> Fraction:
        """Pixels of the image from one position to the next."""
        return Fraction(self.shift, len(self.spans))


class Reads(NamedTuple):
    """Which positions of the map before it each position of a layer's output reads, for one period."""

    positions: tuple[tuple[int, ...], ...]
    shift: int


IMAGE = Grid((Span(0, 0),), 1)
"""Each pixel has seen itself."""


def windows(kernel: int, stride: int, padding: int, dilation: int = 1) -> Reads:
    """The reads of a convolution or a pool; those of a slice with a step, where `kernel` is 1."""
    return Reads((tuple(dilation * tap - padding for tap in range(kernel)),), stride)


def transposed_windows(kernel: int, stride: int, padding: int, dilation: int = 1) -> Reads:
    """The reads of a transposed convolution: position o gets from i by tap t where i s - p + d t = o."""
    taps = [dilation * tap for tap in range(kernel)]
    reached = [[(o + padding - tap) // stride for tap in taps if (o + padding - tap) % stride == 0]
               for o in range(stride)]  # fmt: skip
    return Reads(tuple(map(tuple, reached)), 1)


def shares(size: int, out: int) -> Reads:
    """The reads of an adaptive pool: from floor(o n / m) up to ceil((o + 1) n / m)."""
    common = math.gcd(size, out)
    starts = (range(o * size // out, -(-(o + 1) * size // out)) for o in range(out // common))
    return Reads(tuple(map(tuple, starts)), size // common)


def between(places: Sequence[Fraction], shift: int) -> Reads:
    """The reads of an interpolation at these places: the pixel there, or the two beside it."""
    return Reads(tuple(tuple(sorted({math.floor(place), math.ceil(place)})) for place in places), shift)


def through(grid: Grid, reads: Reads) -> Grid:
    """What has been seen behind a layer."""
    count, before = len(reads.positions), len(grid.spans)
    again = before // math.gcd(before, reads.shift) if reads.shift else 1
    spans = []
    for period in range(again):
        for positions in reads.positions:
            spans.append(hull([grid.at(position + period * reads.shift) for position in positions]))
    assert len(spans) == again * count
    return Grid(tuple(spans), again * reads.shift * grid.shift // before)


def together(one: Grid, other: Grid, size: int, pixels: int) -> Grid | None:
    """Where two paths meet: the hull of what both have seen. None where they advance at different jumps, unless one
    has seen all `pixels` anyway."""
    if one.jump == other.jump:
        period = math.lcm(len(one.spans), len(other.spans))
        spans = tuple(hull([one.at(position), other.at(position)]) for position in range(period))
        return Grid(spans, int(one.jump * period))
    everything_seen = hull([grid.at(position) for grid in (one, other) for position in range(size)])
    everywhere = [grid for grid in (one, other) if not grid.shift and _covers(grid.at(0), pixels)]
    return Grid((everything_seen,), 0) if everywhere else None


def everything(grid: Grid, size: int) -> Grid:
    """Behind a layer of which each output reads all `size` positions."""
    return through(grid, Reads((tuple(range(size)),), 0))


def hull(spans: Sequence[Span | None]) -> Span | None:
    """The smallest span that holds these."""
    seen = [span for span in spans if span]
    return Span(min(span.first for span in seen), max(span.last for span in seen)) if seen else None


def _covers(span: Span | None, pixels: int) -> bool:
    return span is not None and span.first <= 0 and span.last >= pixels - 1
