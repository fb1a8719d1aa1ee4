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
        self, x: torch.Tensor, indices: torch.Tensor | None = None, output_size: Sequence[int] | None = None
    ) -> torch.Tensor:
        size = _size(x, self.stride, self.more, output_size)
        if self.mode == "nearest":
            return self.conv(F.interpolate(x, size=size, mode="nearest"))
        return self.conv(F.interpolate(x, size=size, mode="bilinear", align_corners=False))

    def extra_repr(self) -> str:
        return f"stride={self.stride}, more={self.more}, mode={self.mode}"


class Transposing(nn.Module):
    """A transposed convolution (Zeiler et al. 2010), by default of a stride of 2.

    Where its window is no multiple of the stride, as 3 is none of 2, some places get more terms than their neighbours:
    a checkerboard (Odena et al. 2016). What it makes beyond the size that is handed over is cut off.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int = 3, stride: Pair = (2, 2), bias: bool = False):
        super().__init__()
        padding = (max(0, (kernel - stride[0] + 1) // 2), max(0, (kernel - stride[1] + 1) // 2))
        rest = (stride[0] - kernel + 2 * padding[0], stride[1] - kernel + 2 * padding[1])
        self.transposed = nn.ConvTranspose2d(
            channels_in, channels_out, kernel, stride, padding, output_padding=rest, bias=bias
        )

    def forward(
        self, x: torch.Tensor, indices: torch.Tensor | None = None, output_size: Sequence[int] | None = None
    ) -> torch.Tensor:
        y = self.transposed(x)
        if output_size is None:
            return y
        height, width = output_size[-2:]
        return y[..., :height, :width]


def _size(x: torch.Tensor, stride: Pair, more: Pair, output_size: Sequence[int] | None) -> list[int]:
    if output_size is not None:
        return list(output_size[-2:])
    return [side * step + rest for side, step, rest in zip(x.shape[-2:], stride, more, strict=True)]
