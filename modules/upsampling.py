"""Ways to make feature maps larger, each with the weights of one convolution of 3 x 3, so that one can stand in for
another: what is learned, and what a max pool's indices or the neighbours tell, is all that they differ in.

All take (N, Cin, h, w) and what the encoder may hand over, the indices of a max pool and the size of what was pooled,
to (N, Cout, H, W). `Unpooling` reads the indices, the others do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import nn
from torch.nn import functional as F

from modules.convolutions import MaxUnpool

Mode = Literal["nearest", "bilinear"]
Pair = tuple[int, int]
Handed = torch.Tensor | Sequence[int] | None
"""Indices of a max pool; or the size, where torch's transposed convolution is told of it."""


class Unpooling(nn.Module):
    """Each value goes back to where the maximum was, all else is zero; then a convolution (Badrinarayanan et al. 2017,
    SegNet, after Zeiler and Fergus 2014)."""

    def __init__(self, channels_in: int, channels_out: int, bias: bool = False):
        super().__init__()
        self.unpool = MaxUnpool()
        self.conv = nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=bias)

    def forward(self, x: torch.Tensor, indices: torch.Tensor, output_size: Sequence[int]) -> torch.Tensor:
        return self.conv(self.unpool(x, indices, output_size))


class Resizing(nn.Module):
    """The map is resized, then goes through a convolution, all of whose places are alike (Odena et al. 2016).

    Where no size is handed over it is `stride` times the old one and `more` pixels.
    """

    def __init__(
        self, channels_in: int, channels_out: int, stride: Pair = (2, 2), more: Pair = (0, 0), mode: Mode = "nearest",
        bias: bool = False, groups: int = 1,
    ):  # fmt: skip
        super().__init__()
        self.stride, self.more, self.mode = stride, more, mode
        self.conv = nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=bias, groups=groups)

    def forward(
        self, x: torch.Tensor, indices: Handed = None, output_size: Sequence[int] | None = None
    ) -> torch.Tensor:
        size = _size(x, self.stride, self.more, indices, output_size)
        if self.mode == "nearest":
            return self.conv(F.interpolate(x, size=size, mode="nearest"))
        return self.conv(F.interpolate(x, size=size, mode="bilinear", align_corners=False))

    def extra_repr(self) -> str:
        return f"stride={self.stride}, more={self.more}, mode={self.mode}"


class Transposing(nn.Module):
    """A transposed convolution (Zeiler et al. 2010), by default of a stride of 2.

    Where its window is no multiple of the stride, as 3 is none of 2, some places get more terms than their neighbours:
    a checkerboard (Odena et al. 2016). The size is that of `Resizing`: what is made beyond it is cut off, and what it
    lacks is zero.
    """

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int = 3, stride: Pair = (2, 2), bias: bool = False,
        more: Pair = (0, 0),
    ):  # fmt: skip
        super().__init__()
        self.stride, self.more = stride, more
        (top, below), (left, beside) = (_borders(kernel, step) for step in stride)
        self.transposed = nn.ConvTranspose2d(
            channels_in, channels_out, kernel, stride, (top, left), output_padding=(below, beside), bias=bias
        )

    def forward(
        self, x: torch.Tensor, indices: Handed = None, output_size: Sequence[int] | None = None
    ) -> torch.Tensor:
        y, (height, width) = self.transposed(x), _size(x, self.stride, self.more, indices, output_size)
        return F.pad(y, (0, width - y.shape[-1], 0, height - y.shape[-2]))


def _borders(kernel: int, step: int) -> tuple[int, int]:
    """What is taken away on both sides of a transposed convolution and added on one, so that it makes a map `step`
    times as large; a pixel larger, where an even window moves by one, since torch adds less than a step."""
    padding = max(0, (kernel - step + (step > 1)) // 2)
    return padding, max(0, step - kernel + 2 * padding)


def _size(x: torch.Tensor, stride: Pair, more: Pair, indices: Handed, output_size: Sequence[int] | None) -> list[int]:
    if output_size is None and not isinstance(indices, torch.Tensor):
        output_size = indices  # that is its place in a call of torch's transposed convolution
    if output_size is not None:
        return list(output_size[-2:])
    return [side * step + rest for side, step, rest in zip(x.shape[-2:], stride, more, strict=True)]
