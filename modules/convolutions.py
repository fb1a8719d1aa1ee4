"""Kinds of convolution that can stand in the place of a standard one, and the way back from a max pool.

Each kind is a function from a standard `nn.Conv2d` (groups = 1) to a fresh module with the same channels in and out and
the same output size, for any kernel, stride, padding and dilation. The convolution is read for its geometry, bias,
padding mode, device and dtype and is left alone; weights are torch's default, from its global generator. A bias is put
where the standard convolution has it: behind the last stage. All take (N, Cin, H, W) to (N, Cout, Ho, Wo).

Points people get wrong: a 1 x 1 convolution needs another padding than the k x k one that it replaces, often a
negative one; a bias between the stages of a separable convolution would leak in from the padding; groups without a
shuffle never see each other's channels.

A transposed convolution changes the size, so it stands in for none of these; torch's `nn.ConvTranspose2d` is all one
needs. torch's `nn.MaxUnpool2d` is not: it refuses to run deterministically, hence `MaxUnpool` here.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from modules.arithmetic import check_groups, window
from modules.names import unknown_name

ONE_PIXEL = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1, "padding_mode": "zeros"}
PADS = {
    "zeros": nn.ZeroPad2d,
    "reflect": nn.ReflectionPad2d,
    "replicate": nn.ReplicationPad2d,
    "circular": nn.CircularPad2d,
}


def pointwise(conv: nn.Conv2d) -> nn.Module:
    """1 x 1 (Lin et al. 2014, Network in Network): channels are mixed, neighbours are not seen.

    It reads the pixel in the middle of each window (of two in the middle, the first), so that the output has the size
    and the alignment of the k x k one.
    """
    mixing = _like(conv, **{**ONE_PIXEL, "stride": conv.stride})
    top, bottom = _padding_at_centre(conv, 0)
    left, right = _padding_at_centre(conv, 1)
    if top == bottom == left == right == 0:
        return mixing
    return nn.Sequential(OrderedDict(pad=PADS[conv.padding_mode]((left, right, top, bottom)), conv=mixing))


def grouped(conv: nn.Conv2d, groups: int) -> nn.Module:
    """Grouped (Krizhevsky et al. 2012): each of `groups` blocks of channels out sees one block of channels in.

    Raises ValueError where the groups do not divide the channels.
    """
    check_groups(conv.in_channels, conv.out_channels, groups)
    return _like(conv, groups=groups)


def shuffled_group(conv: nn.Conv2d, groups: int) -> nn.Module:
    """Grouped, then shuffled (Zhang et al. 2018, ShuffleNet), so that the next groups see some of every group.

    Raises ValueError where the groups do not divide the channels.
    """
    return nn.Sequential(OrderedDict(conv=grouped(conv, groups), shuffle=nn.ChannelShuffle(groups)))


def depthwise(conv: nn.Conv2d) -> nn.Module:
    """Depthwise: each channel is filtered alone, into Cout / Cin maps; channels are never mixed.

    Raises ValueError where Cout is no multiple of Cin.
    """
    return grouped(conv, conv.in_channels)


def depthwise_separable(conv: nn.Conv2d) -> nn.Module:
    """Depthwise k x k, then 1 x 1 (Sifre 2014; Chollet 2017, Xception; Howard et al. 2017, MobileNet).

    Nothing stands between the two, as in Xception; MobileNet puts a batch norm and a ReLU there.
    """
    return nn.Sequential(
        OrderedDict(
            depthwise=_like(conv, out_channels=conv.in_channels, groups=conv.in_channels, bias=False),
            pointwise=_like(conv, **ONE_PIXEL),
        )
    )


def spatially_separable(conv: nn.Conv2d, middle: int | None = None) -> nn.Module:
    """k x 1, then 1 x k (Szegedy et al. 2016, Inception v3), with `middle` channels between them, by default Cout.

    With one channel throughout these are exactly the k x k kernels of rank 1.
    """
    middle = conv.out_channels if middle is None else middle
    return nn.Sequential(
        OrderedDict(
            vertical=_like(conv, out_channels=middle, bias=False, **_along(conv, 0)),
            horizontal=_like(conv, in_channels=middle, **_along(conv, 1)),
        )
    )


KINDS: dict[str, Callable[[nn.Conv2d, int], nn.Module]] = {
    "pointwise": lambda conv, groups: pointwise(conv),
    "grouped": grouped,
    "shuffled_group": shuffled_group,
    "depthwise": lambda conv, groups: depthwise(conv),
    "depthwise_separable": lambda conv, groups: depthwise_separable(conv),
    "spatially_separable": lambda conv, groups: spatially_separable(conv),
}
"""From a standard convolution and a number of groups, which only the grouped kinds read, to its stand-in."""


def stand_in(kind: str, conv: nn.Conv2d, groups: int = 2) -> nn.Module:
    """A fresh module of this kind for the place of `conv`. Raises ValueError for an unknown kind or an obstacle."""
    if problem := obstacle(kind, conv, groups):
        raise ValueError(f"{kind} cannot stand in for {conv}: {problem}; leave it as it is or take another kind")
    return KINDS[kind](conv, groups).train(conv.training)


def eligible(kind: str, conv: nn.Conv2d, groups: int = 2) -> bool:
    """Whether this kind can stand in for `conv` and is something else than it. ValueError for an unknown kind."""
    return obstacle(kind, conv, groups) is None


def obstacle(kind: str, conv: nn.Conv2d, groups: int = 2) -> str | None:
    """The rule by which `conv` is left as it is, or None. Raises ValueError for an unknown kind.

    Convolutions in groups and windows of one pixel are left alone by every kind.
    """
    if kind not in KINDS:
        unknown_name("kind of convolution", kind, KINDS)
    inside, outside, kernel = conv.in_channels, conv.out_channels, conv.kernel_size
    if conv.groups > 1:
        return f"its channels are in {conv.groups} groups already"
    if math.prod(kernel) == 1:
        return "its window is one pixel"
    if kind in ("grouped", "shuffled_group") and (groups < 2 or inside % groups or outside % groups):
        return f"groups must be 2 or more and divide its channels, {inside} in and {outside} out, not {groups}"
    if kind == "depthwise" and (inside < 2 or outside % inside):
        return f"its channels out must be a multiple of two or more channels in, not {outside} of {inside}"
    if kind == "spatially_separable" and 1 in kernel:
        return f"both sides of its window must be 2 or more, not {kernel[0]} x {kernel[1]}"
    return None


def match_gain(fresh: nn.Module, conv: nn.Conv2d) -> None:
    """Gives a fresh stand-in the gain and the bias of the convolution whose place it takes, in place.

    The gain of a stage is the standard deviation of its weights about zero times sqrt(fan_in): the factor by which it
    scales the spread of white input. Earlier stages get gain 1 and the last one that of `conv`, so a white input keeps
    the variance that the old initialisation, whatever it was, gave it: swapping the kind is no hidden change of
    initialisation. Weights that were all zero stay so in the last stage; the earlier ones keep theirs, or nothing could
    ever learn.
    """
    *earlier, last = [module for module in fresh.modules() if isinstance(module, nn.Conv2d)]
    with torch.no_grad():
        for stage in earlier:
            stage.weight /= gain(stage)
        last.weight *= gain(conv) / gain(last)
        if last.bias is not None and conv.bias is not None:
            last.bias.copy_(conv.bias)


def gain(conv: nn.Conv2d) -> torch.Tensor:
    """Standard deviation of the weights about zero times sqrt(fan_in), which is their norm over sqrt(Cout)."""
    return torch.linalg.vector_norm(conv.weight.detach()) / math.sqrt(conv.out_channels)


class MaxUnpool(nn.Module):
    """Undoes a max pool (Zeiler et al. 2011): each value goes back to where the maximum was, all else is zero.

    For the outputs of `nn.MaxPool2d(..., return_indices=True)`. Where pools overlap one pixel can be the maximum of
    several; one of their values is kept, they are not added up. Runs deterministically, unlike torch's own.
    """

    def forward(self, pooled: torch.Tensor, indices: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
        """(N, C, h, w) values and their indices to (N, C, H, W); `size` is what was pooled, its last two are read."""
        height, width = size[-2:]
        flat = pooled.new_zeros(*pooled.shape[:-2], height * width)
        return flat.scatter(-1, indices.flatten(-2), pooled.flatten(-2)).unflatten(-1, (height, width))


def _like(conv: nn.Conv2d, **changes: Any) -> nn.Conv2d:
    """A fresh convolution with the settings of `conv` but for `changes`."""
    settings: dict[str, Any] = {
        "in_channels": conv.in_channels,
        "out_channels": conv.out_channels,
        "kernel_size": conv.kernel_size,
        "stride": conv.stride,
        "padding": conv.padding,
        "dilation": conv.dilation,
        "bias": conv.bias is not None,
        "padding_mode": conv.padding_mode,
        "device": conv.weight.device,
        "dtype": conv.weight.dtype,
    }
    return nn.Conv2d(**{**settings, **changes})


def _along(conv: nn.Conv2d, axis: int) -> dict[str, Any]:
    """The geometry of `conv` along one axis, and that of a single pixel along the other."""

    def only(values: tuple[int, ...], other: int) -> tuple[int, ...]:
        return tuple(value if here == axis else other for here, value in enumerate(values))

    return {
        "kernel_size": only(conv.kernel_size, 1),
        "stride": only(conv.stride, 1),
        "padding": conv.padding if isinstance(conv.padding, str) else only(conv.padding, 0),
        "dilation": only(conv.dilation, 1),
    }


def _padding_at_centre(conv: nn.Conv2d, axis: int) -> tuple[int, int]:
    """Padding before and behind, in pixels, that puts a single pixel in the middle of each window; below 0 it crops."""
    reach = window(conv.kernel_size[axis], conv.dilation[axis]) - 1
    before, behind = reach // 2, reach - reach // 2
    if conv.padding == "same":
        return 0, 0
    padding = 0 if isinstance(conv.padding, str) else conv.padding[axis]
    return padding - before, padding - behind
