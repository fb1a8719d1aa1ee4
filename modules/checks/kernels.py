"""Kernels taken apart and turned around, and a pool's way back."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from modules.checks import Checked
from modules.checks.groups import draw
from modules.convolutions import MaxUnpool, spatially_separable


def rank_one() -> Checked:
    """k x 1 then 1 x k is k x k where the kernel has rank 1; where it has more, the nearest pair is off by its other
    singular values (Eckart and Young 1936)."""
    kernel = draw(5, 5)
    left, sizes, right = torch.linalg.svd(kernel)
    off, wanted = [], []
    for rank in (1, 2, 5):
        lowered = (left[:, :rank] * sizes[:rank]) @ right[:rank]
        off.append(_off(lowered, left[:, 0] * sizes[0], right[0]))
        wanted.append(float(sizes[1:rank].norm()))
    measured = ", ".join(f"{one:.2g}" for one in off)
    holds = off[0] < 1e-10 and all(abs(a - b) < 1e-10 for a, b in zip(off, wanted, strict=True)) and min(off[1:]) > 0.1
    says = "k x 1 then 1 x k equals k x k for kernels of rank 1, and for no other: off at ranks 1, 2, 5"
    return Checked(says, measured, ", ".join(f"{one:.2g}" for one in wanted), holds)


def _off(kernel: torch.Tensor, column: torch.Tensor, row: torch.Tensor) -> float:
    """How far the pair lies from the kernel, by what both make of an image with one pixel lit."""
    conv = nn.Conv2d(1, 1, 5, padding=4, bias=False, dtype=torch.float64)
    pair = spatially_separable(conv, middle=1)
    stages = [layer for layer in pair.modules() if isinstance(layer, nn.Conv2d)]
    lit = torch.zeros(1, 1, 5, 5, dtype=torch.float64)
    lit[..., 2, 2] = 1
    with torch.no_grad():
        conv.weight.copy_(kernel)
        stages[0].weight.copy_(column[:, None])
        stages[1].weight.copy_(row)
        return float((pair(lit) - conv(lit)).norm())


def transposed_is_adjoint() -> Checked:
    """<conv(x), y> = <x, convT(y)>, with the same weights, strides and padding (Dumoulin and Visin 2016)."""
    off = max(_adjoint(stride, padding, dilation) for stride in (1, 2, 3) for padding in (0, 1) for dilation in (1, 2))
    return Checked("<conv x, y> = <x, transposed conv y>", f"{off:.1e} off at most, of 12 geometries", "below 1e-10",
                   off < 1e-10)  # fmt: skip


def _adjoint(stride: int, padding: int, dilation: int) -> float:
    x, w = draw(2, 3, 9, 9), draw(4, 3, 3, 3)
    forth = F.conv2d(x, w, None, stride, padding, dilation)
    y = draw(*forth.shape)
    missing = (9 + 2 * padding - 2 * dilation - 1) % stride
    back = F.conv_transpose2d(y, w, None, stride, padding, missing, 1, dilation)
    return abs(float((forth * y).sum() - (x * back).sum()))


def max_unpool() -> Checked:
    """Each value back at its argmax, zeros elsewhere (Zeiler et al. 2011); an index that is repeated keeps one copy."""
    x = draw(2, 3, 8, 8)
    pooled, indices = F.max_pool2d(x, 2, return_indices=True)
    back = MaxUnpool()(pooled, indices, x.shape)
    placed = bool(((back == x) | (back == 0)).all()) and int((back != 0).sum()) == pooled.numel()
    peak = torch.zeros(1, 1, 5, 5)
    peak[..., 2, 2] = 7
    windows, again = F.max_pool2d(peak, 3, 1, return_indices=True)
    returned = MaxUnpool()(windows, again, peak.shape)
    one_copy = torch.equal(returned, peak)
    says = "Max-unpool puts each value back at its argmax, zero elsewhere; nine windows with one peak give it back once"
    measured = f"{int((back != 0).sum())} of {pooled.numel()} values at their places; the peak {returned.sum():g}"
    return Checked(says, measured, f"{pooled.numel()}; 7", placed and one_copy)
