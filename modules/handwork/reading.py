"""Operations that read windows of a map: which positions each number behind them has read."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import torch

from modules.handwork.grids import Reads, between, shares, through, transposed_windows, windows
from modules.handwork.seen import Rule, Seen, Unknown, leading, pair


def _read(seen: Seen, out: torch.Tensor, down: Reads, across: Reads) -> Seen:
    if not seen.mapped:
        raise Unknown
    grids = through(seen.grids[0], down), through(seen.grids[1], across)
    return Seen(grids, pair(out.shape[-2:]))


def _windowed(seen: Seen, out: torch.Tensor, make: Callable[..., Reads], *settings: Any) -> Seen:
    down, across = (make(*axis) for axis in zip(*map(pair, settings), strict=True))
    return _read(seen, out, down, across)


def _convolution(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    images, weight, _, stride, padding, dilation, transposed, *_ = args
    if images is not way or images.ndim != 4:
        raise Unknown
    make = transposed_windows if transposed else windows
    return _windowed(seen, out, make, weight.shape[-2:], stride, padding, dilation)


def _pool(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    given: list[Any] = [*args[1:5], *([], 0, 1)[len(args) - 2 :]]
    kernel, stride, padding, dilation = given[:4]
    dilation = dilation if isinstance(dilation, list) else 1  # an average pool has its ceil_mode there
    return _windowed(seen, out, windows, kernel, stride or kernel, padding, dilation)


def _adaptive(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    return _windowed(seen, out, shares, seen.sizes, out.shape[-2:])


def _slice(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    given: list[Any] = [*args[1:5], *(0, None, None, 1)[len(args) - 1 :]]
    dimension, start, _, step = given
    if not seen.mapped and not seen.alike:
        raise Unknown
    if not seen.mapped or leading(dimension, way):
        return seen
    size = way.shape[dimension]
    first = max((start or 0) + (size if (start or 0) < 0 else 0), 0)
    reads, same = windows(1, step, -first), windows(1, 1, 0)
    vertical = dimension % way.ndim == way.ndim - 2
    return _read(seen, out, reads if vertical else same, same if vertical else reads)


def _padded(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    left, _, top, _ = [*args[1], 0, 0, 0, 0][:4]
    return _read(seen, out, windows(1, 1, top), windows(1, 1, left)) if seen.mapped else seen


def _nearest(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    def places(size: int, larger: int) -> Reads:
        ratio = Fraction(size, larger)
        return between([Fraction(int(o * ratio)) for o in range(ratio.denominator)], ratio.numerator)

    return _windowed(seen, out, places, seen.sizes, out.shape[-2:])


def _bilinear(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    corners = args[2]

    def places(size: int, larger: int) -> Reads:
        ratio = Fraction(size - 1, max(larger - 1, 1)) if corners else Fraction(size, larger)
        half = Fraction(0 if corners else 1, 2)
        return between([(o + half) * ratio - half for o in range(ratio.denominator)], ratio.numerator)

    return _windowed(seen, out, places, seen.sizes, out.shape[-2:])


def _shuffled_pixels(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    same = Reads(((0,),) * args[1], 1)
    return _read(seen, out, same, same)


READING: dict[str, Rule] = {
    "convolution": _convolution,
    "max_pool2d_with_indices": _pool, "avg_pool2d": _pool,
    "_adaptive_avg_pool2d": _adaptive, "adaptive_max_pool2d": _adaptive,
    "slice": _slice, "constant_pad_nd": _padded, "reflection_pad2d": _padded, "replication_pad2d": _padded,
    "upsample_nearest2d": _nearest, "upsample_bilinear2d": _bilinear, "pixel_shuffle": _shuffled_pixels,
}  # fmt: skip
"""By the name of torch's operation."""
