"""Ways to subsample feature maps that keep the size of what comes out, so that one can stand in for another."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import torch
from torch import fx, nn
from torch.nn import functional as F
from torch.utils._pytree import tree_leaves

from modules.surgery.passes import Shapes

POOLS = (nn.MaxPool2d, nn.AvgPool2d)
NAMES = {"max": frozenset({"max_pool2d"}), "average": frozenset({"avg_pool2d"})}
"""As they are written in source code, by kind."""

Pair = tuple[int, int]


class Window(NamedTuple):
    """The geometry of a pooling window, by axis (height, width)."""

    kernel: Pair
    stride: Pair
    padding: Pair
    ceil: bool

    @classmethod
    def of(cls, pool: nn.Module) -> Self | None:
        """That of a module; None where it does not subsample, takes single pixels, is dilated, or returns indices."""
        if not isinstance(pool, POOLS) or getattr(pool, "dilation", 1) not in (1, (1, 1)):
            return None
        window = cls(_pair(pool.kernel_size), _pair(pool.stride), _pair(pool.padding), bool(pool.ceil_mode))
        plain = max(window.stride) > 1 and max(window.kernel) > 1
        return window if plain and not getattr(pool, "return_indices", False) else None

    @classmethod
    def of_call(cls, node: fx.Node) -> Self | None:
        """That of a functional call in a traced forward; None where it is no pooling, and as above."""
        pool = pool_of_call(node)
        return None if pool is None else cls.of(pool)


_MAX = (F.max_pool2d, torch.max_pool2d)
_AVERAGE = (F.avg_pool2d,)
_SETTINGS = {
    "max": ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"),
    "average": ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"),
}


def pool_of_call(node: fx.Node) -> nn.Module | None:
    """The module that does what a functional call does; None where it is no pooling, or its window is computed."""
    if node.op != "call_function" or node.target not in (*_MAX, *_AVERAGE):
        return None
    settings: dict[str, Any] = dict(zip(("input", *_SETTINGS[call_kind(node)]), node.args, strict=False)) | node.kwargs
    settings = {name: value for name, value in settings.items() if name != "input" and value != ()}
    if any(isinstance(leaf, fx.Node) for leaf in tree_leaves(settings)):
        return None
    return nn.MaxPool2d(**settings) if call_kind(node) == "max" else nn.AvgPool2d(**settings)


def max_pool(window: Window) -> nn.Module:
    return nn.MaxPool2d(window.kernel, window.stride, window.padding, ceil_mode=window.ceil)


def average_pool(window: Window) -> nn.Module:
    return nn.AvgPool2d(window.kernel, window.stride, window.padding, ceil_mode=window.ceil)


def strided(window: Window) -> nn.Module:
    """Every `stride`-th pixel, that in the middle of each window: what comes out of a convolution of that stride
    instead of one of stride 1 and a pool (Springenberg et al. 2015), activations in between or not.
    """
    height, width = (
        _crop(*axis, window.ceil) for axis in zip(window.kernel, window.stride, window.padding, strict=True)
    )
    every = nn.MaxPool2d(1, window.stride)
    crop = (*width, *height)
    return nn.Sequential(nn.ZeroPad2d(crop), every) if any(crop) else every


def _crop(kernel: int, stride: int, pad: int, ceil: bool) -> tuple[int, int]:
    """Padding before and behind, below 0 where pixels go, by which every `stride`-th pixel is in the middle of each
    window. In ceil mode torch leaves out a last window that would begin behind the image.
    """
    before = pad - (kernel - 1) // 2
    together = 2 * pad - kernel + (min(stride, kernel - pad) if ceil else 1)
    return before, together - before


KINDS = {"max": max_pool, "average": average_pool, "stride": strided}


def kind_of(pool: nn.Module) -> str:
    """`max` or `average`."""
    return "max" if isinstance(pool, nn.MaxPool2d) else "average"


def call_kind(node: fx.Node) -> str:
    """The kind of a functional pool."""
    return "max" if node.target in _MAX else "average"


def is_global(pool: nn.Module, shapes: Shapes | None) -> bool:
    """Whether a pool averages whole maps, which is how networks end and no way to subsample."""
    if not isinstance(pool, nn.AvgPool2d) or shapes is None or shapes.into is None:
        return False
    return all(kernel >= side for kernel, side in zip(_pair(pool.kernel_size), shapes.into[-2:], strict=True))


def _pair(value: object) -> Pair:
    return (value[0], value[-1]) if isinstance(value, tuple | list) else (value, value)  # type: ignore[return-value]
