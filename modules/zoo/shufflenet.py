"""ShuffleNetV1 (Zhang et al. 2018) with 3 groups, at 1 x: pointwise group convolutions, and a shuffle between groups.

Points people get wrong: the first pointwise convolution of stage 2 is not grouped, since it has only 24 maps; no ReLU
follows the depthwise convolution; a unit of stride 2 concatenates its averaged input instead of adding it, so its
branch makes only the missing maps; the bottleneck is a quarter of the unit's *output*.

The small form (images under 64 pixels): the first convolution has stride 1 instead of 2, so that for 32 pixels the
units begin at 16 x 16.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn

from modules.zoo.sizes import check_size, is_small

GROUPS = 3
STAGES = ((240, 4), (480, 8), (960, 4))
"""Maps and units of stages 2, 3 and 4."""


class ShuffleUnit(nn.Module):
    """Adds a branch to its input; the shape stays."""

    def __init__(self, channels: int):
        super().__init__()
        self.branch = _branch(channels, channels // 4, channels, stride=1, groups=GROUPS)
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(x + self.branch(x))


class ShuffleDownUnit(nn.Module):
    """Halves the side, and concatenates its averaged input and a branch to `channels` maps."""

    def __init__(self, channels_in: int, channels: int, groups: int):
        super().__init__()
        self.pool = nn.AvgPool2d(3, 2, padding=1)
        self.branch = _branch(channels_in, channels // 4, channels - channels_in, stride=2, groups=groups)
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(torch.cat([self.pool(x), self.branch(x)], dim=1))


def _branch(channels_in: int, width: int, channels: int, stride: int, groups: int) -> nn.Sequential:
    """`groups` are those of the first convolution only."""
    return nn.Sequential(
        OrderedDict(
            reduce=nn.Conv2d(channels_in, width, 1, groups=groups, bias=False),
            norm1=nn.BatchNorm2d(width),
            relu=nn.ReLU(),
            shuffle=nn.ChannelShuffle(GROUPS),
            depthwise=nn.Conv2d(width, width, 3, stride, padding=1, groups=width, bias=False),
            norm2=nn.BatchNorm2d(width),
            expand=nn.Conv2d(width, channels, 1, groups=GROUPS, bias=False),
            norm3=nn.BatchNorm2d(channels),
        )
    )


def shufflenet_v1(classes: int = 1000, channels: int = 3, image_size: int = 224) -> nn.Module:
    """ShuffleNetV1: (N, channels, image_size, image_size) images to logits (N, classes).

    Raises ValueError where the image is smaller than 16 pixels: the last stage would have less than one.
    """
    check_size("shufflenet_v1", image_size, 16)
    layers = OrderedDict(stem=_stem(channels, is_small(image_size)))
    maps = 24
    for stage, (width, units) in enumerate(STAGES, start=2):
        down = ShuffleDownUnit(maps, width, groups=1 if stage == 2 else GROUPS)
        layers[f"stage{stage}"] = nn.Sequential(down, *(ShuffleUnit(width) for _ in range(units - 1)))
        maps = width
    head = OrderedDict(pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), head=nn.Linear(maps, classes))
    return nn.Sequential(layers | head)


def _stem(channels: int, small: bool) -> nn.Sequential:
    conv = nn.Conv2d(channels, 24, 3, 1 if small else 2, padding=1, bias=False)
    pool = nn.MaxPool2d(3, 2, padding=1)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(24), relu=nn.ReLU(), pool=pool))
