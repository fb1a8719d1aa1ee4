"""Sizes: which filters fit, what comes out, how far two small windows see."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import torch
from torch import nn
from torch.nn import functional as F

from modules import arithmetic
from modules.checks import Checked


def filter_depth() -> Checked:
    """A filter is as deep as the maps that it reads: k x k x Cin weights, for each of the Cout filters."""
    conv = nn.Conv2d(3, 8, 5, bias=False)
    weights = [one.numel() for one in conv.weight]
    refused = [depth for depth in range(1, 7) if not _takes(conv, depth)]
    holds = set(weights) == {arithmetic.standard_weights(3, 1, 5)} and refused == [1, 2, 4, 5, 6]
    measured = f"{len(weights)} filters of {weights[0]} weights; refused: {', '.join(map(str, refused))} maps"
    return Checked("A 5 x 5 filter of 3 maps has 5 x 5 x 3 weights and takes nothing but 3 maps", measured,
                   "8 filters of 75; refused: 1, 2, 4, 5, 6 maps", holds)  # fmt: skip


def _takes(conv: nn.Conv2d, depth: int) -> bool:
    try:
        conv(torch.zeros(1, depth, 9, 9))
    except RuntimeError:
        return False
    return True


def output_size() -> Checked:
    """floor((n + 2p - d(k - 1) - 1) / s) + 1, and (n - 1)s - 2p + d(k - 1) + output_padding + 1 for transposed ones."""
    found = [*_convolutions_and_pools(), *_transposed()]
    right = sum(by_formula == real for by_formula, real in found)
    says = "Output sizes of convolutions, pools and transposed convolutions, with floor, dilation and output padding"
    return Checked(says, f"{right:,} of {len(found):,} passes as the formula says", "all", right == len(found) > 1000)


def _convolutions_and_pools() -> Iterator[tuple[int, int]]:
    """Size by formula, and that of a real pass."""
    grid = itertools.product(range(5, 12), (1, 2, 3, 5), (1, 2, 3), range(3), (1, 2))
    for size, kernel, stride, padding, dilation in grid:
        if size + 2 * padding < dilation * (kernel - 1) + 1:
            continue
        wanted = arithmetic.output_size(size, kernel, stride, padding, dilation)
        image = torch.zeros(1, 1, size, size)
        yield wanted, F.conv2d(image, torch.zeros(1, 1, kernel, kernel), None, stride, padding, dilation).shape[-1]
        if padding <= kernel // 2:
            yield wanted, F.max_pool2d(image, kernel, stride, padding, dilation).shape[-1]


def _transposed() -> Iterator[tuple[int, int]]:
    grid = itertools.product(range(2, 7), (1, 2, 3, 5), (1, 2, 3), range(3), (1, 2), range(3))
    for size, kernel, stride, padding, dilation, extra in grid:
        if extra >= max(stride, dilation) or (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra < 0:
            continue
        kernels = torch.zeros(1, 1, kernel, kernel)
        image = torch.zeros(1, 1, size, size)
        real = F.conv_transpose2d(image, kernels, None, stride, padding, extra, 1, dilation)
        yield arithmetic.transposed_output_size(size, kernel, stride, padding, dilation, extra), real.shape[-1]


def two_threes() -> Checked:
    """Two 3 x 3 convolutions see what one of 5 x 5 does, with 18 C^2 weights for 25 (Simonyan and Zisserman 2015)."""
    small = nn.Sequential(nn.Conv2d(4, 4, 3, bias=False), nn.ReLU(), nn.Conv2d(4, 4, 3, bias=False))
    large = nn.Conv2d(4, 4, 5, bias=False)
    seen = [_seen(network) for network in (small, large)]
    weights = [sum(p.numel() for p in network.parameters()) for network in (small, large)]
    expected = [2 * arithmetic.standard_weights(4, 4, 3), arithmetic.standard_weights(4, 4, 5)]
    measured = f"{seen[0]} x {seen[0]} pixels with {weights[0]} weights, {seen[1]} x {seen[1]} with {weights[1]}"
    holds = seen == [5, 5] and weights == expected and weights[0] < weights[1]
    return Checked("Two 3 x 3 convolutions see 5 x 5 pixels with fewer weights than one 5 x 5", measured,
                   "5 x 5 with 288, 5 x 5 with 400", holds)  # fmt: skip


def _seen(network: nn.Module) -> int:
    """The side of the square of pixels that one output depends on, by its gradient; weights all positive."""
    for parameter in network.parameters():
        nn.init.ones_(parameter)
    image = torch.ones(1, 4, 11, 11, requires_grad=True)
    output = network(image)
    output[0, 0, output.shape[2] // 2, output.shape[3] // 2].backward()
    assert image.grad is not None
    rows = image.grad[0].sum(0).sum(1).nonzero().flatten()
    return int(rows.max() - rows.min() + 1)
