"""Sizes and costs of layers by formula, with the numbers filled in (Dumoulin and Visin 2016, arXiv:1603.07285)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn

from modules.arithmetic import grouped_weights, macs, output_size, transposed_output_size, window


class Formula(NamedTuple):
    """What a layer must return, without the number of images, and how that was found."""

    shape: tuple[int, ...]
    told: str
    macs: int = 0


def formula_of(layer: nn.Module, shape: torch.Size) -> Formula | None:
    """By formula what a layer makes of (N, ...); None for kinds, and forms of input, that have none here."""
    for kind, formula in FORMULAS.items():
        if isinstance(layer, kind) and type(layer).forward is kind.forward:
            return formula(layer, tuple(shape))
    return None


def _convolution(layer: Any, shape: tuple[int, ...]) -> Formula | None:
    if len(shape) != 4:
        return None
    if layer.padding == "same":
        axes = [(size, f"{size}, kept by the padding `same`") for size in shape[2:]]
    else:
        axes = [_positions(*axis) for axis in _axes(layer, shape)]
    sizes = [size for size, _ in axes]
    return Formula((layer.out_channels, *sizes), _told(axes), macs(_weights(layer), *sizes))


def _transposed(layer: Any, shape: tuple[int, ...]) -> Formula | None:
    if len(shape) != 4:
        return None
    axes = [
        _enlarged(size, *settings)
        for size, *settings in zip(
            shape[2:], layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.output_padding, strict=True
        )
    ]
    sizes = [size for size, _ in axes]
    return Formula((layer.out_channels, *sizes), _told(axes), macs(_weights(layer), *shape[2:]))


def _pool(layer: Any, shape: tuple[int, ...]) -> Formula | None:
    if len(shape) != 4:
        return None
    find = _rounded_up if layer.ceil_mode else _positions
    axes = [find(*axis) for axis in _axes(layer, shape)]
    return Formula((shape[1], *(size for size, _ in axes)), _told(axes))


def _adaptive(layer: Any, shape: tuple[int, ...]) -> Formula | None:
    if len(shape) != 4:
        return None
    wanted = [size if asked is None else asked for asked, size in zip(_pair(layer.output_size), shape[2:], strict=True)]
    return Formula((shape[1], *wanted), _told([(size, f"{size}, as is set") for size in wanted]))


def _linear(layer: Any, shape: tuple[int, ...]) -> Formula:
    rows = math.prod(shape[1:-1])
    told = f"{layer.out_features}, one for each row of the {layer.out_features} x {layer.in_features} weights"
    return Formula((*shape[1:-1], layer.out_features), told, layer.in_features * layer.out_features * rows)


def _padded(layer: Any, shape: tuple[int, ...]) -> Formula | None:
    if len(shape) != 4 or len(layer.padding) != 4:
        return None
    left, right, top, bottom = layer.padding
    ends = zip(shape[2:], ((top, bottom), (left, right)), strict=True)
    axes = [(size + before + behind, f"{size} + {before} + {behind}") for size, (before, behind) in ends]
    return Formula((shape[1], *(size for size, _ in axes)), _told([(size, f"{sum_} = {size}") for size, sum_ in axes]))


def _upsampled(layer: Any, shape: tuple[int, ...]) -> Formula | None:
    if len(shape) != 4:
        return None
    if layer.size is not None:
        sizes = _pair(layer.size)
        return Formula((shape[1], *sizes), _told([(size, f"{size}, as is set") for size in sizes]))
    factors = zip(shape[2:], _pair(layer.scale_factor), strict=True)
    axes = [(math.floor(size * factor), f"floor({size}*{factor:g})") for size, factor in factors]
    return Formula((shape[1], *(size for size, _ in axes)), _told([(size, f"{sum_} = {size}") for size, sum_ in axes]))


def _positions(size: int, kernel: int, stride: int, padding: int, dilation: int) -> tuple[int, str]:
    """Positions of a window along one axis."""
    found, inside = (
        output_size(size, kernel, stride, padding, dilation),
        _filled(size, kernel, stride, padding, dilation),
    )
    even = (size + 2 * padding - window(kernel, dilation)) % stride == 0
    return found, f"{inside if even else f'floor({inside})'} + 1 = {found}"


def _rounded_up(size: int, kernel: int, stride: int, padding: int, dilation: int) -> tuple[int, str]:
    """Positions where a rest gets one, too, unless it would begin in the padding behind the image."""
    found, told = _positions(size, kernel, stride, padding, dilation)
    if "floor" not in told:
        return found, told
    begins_inside = found * stride < size + padding
    inside = _filled(size, kernel, stride, padding, dilation)
    return found + begins_inside, f"ceil({inside}) + 1{'' if begins_inside else ' - 1'} = {found + begins_inside}"


def _filled(size: int, kernel: int, stride: int, padding: int, dilation: int) -> str:
    return f"({size} + 2*{padding} - {dilation}*({kernel}-1) - 1)/{stride}"


def _enlarged(size: int, kernel: int, stride: int, padding: int, dilation: int, extra: int) -> tuple[int, str]:
    found = transposed_output_size(size, kernel, stride, padding, dilation, extra)
    return found, f"({size}-1)*{stride} - 2*{padding} + {dilation}*({kernel}-1) + {extra} + 1 = {found}"


def _axes(layer: Any, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Size, kernel, stride, padding and dilation, for height and for width."""
    padding = 0 if layer.padding == "valid" else layer.padding
    settings = (layer.kernel_size, layer.stride, padding, getattr(layer, "dilation", 1))
    return list(zip(shape[2:], *map(_pair, settings), strict=True))


def _weights(layer: Any) -> int:
    """k^2 Cin Cout / g, for windows that are not square, too."""
    return math.prod(layer.kernel_size) * grouped_weights(layer.in_channels, layer.out_channels, 1, layer.groups)


def _pair(value: Any) -> tuple[Any, Any]:
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def _told(axes: list[tuple[int, str]]) -> str:
    """One formula where height and width agree."""
    (_, down), (_, across) = axes
    return down if down == across else f"{down}; {across}"


FORMULAS: dict[type[nn.Module], Callable[[Any, tuple[int, ...]], Formula | None]] = {
    nn.Conv2d: _convolution,
    nn.ConvTranspose2d: _transposed,
    nn.MaxPool2d: _pool,
    nn.AvgPool2d: _pool,
    nn.AdaptiveAvgPool2d: _adaptive,
    nn.AdaptiveMaxPool2d: _adaptive,
    nn.Linear: _linear,
    nn.Upsample: _upsampled,
    nn.ZeroPad2d: _padded,
    nn.ReflectionPad2d: _padded,
    nn.ReplicationPad2d: _padded,
}
"""A subclass with a forward of its own has none of them."""
