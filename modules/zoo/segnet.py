"""SegNet, a small form of it (Badrinarayanan et al. 2017): a class for every pixel, by an encoder and a decoder.

The encoder's max pools say where their maxima were, and the decoder puts values back there. The published net has the
13 convolutions of VGG-16 as its encoder and as many in its decoder; this one has 4 and 6 on three levels, so that a few
hundred images train it on one core.

Points people get wrong: no feature map is handed over from the encoder, as in U-Net, only indices; a batch norm stands
before every ReLU, so that convolutions need no bias; the last convolution has neither. Pools are `ceil_mode`, so that
sides that 8 does not divide do too.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn

from modules.upsampling import Unpooling
from modules.zoo.sizes import check_size

WIDTHS = (16, 32, 64)


class SegNet(nn.Module):
    """Images (N, channels, S, S) to logits (N, classes, S, S)."""

    def __init__(self, classes: int, channels: int):
        super().__init__()
        one, two, three = WIDTHS
        self.stage1 = nn.Sequential(_unit(channels, one))
        self.pool1 = _pool()
        self.stage2 = nn.Sequential(_unit(one, two))
        self.pool2 = _pool()
        self.stage3 = nn.Sequential(_unit(two, three), _unit(three, three))
        self.pool3 = _pool()
        self.up3 = Up(three)
        self.decode3 = _unit(three, two)
        self.up2 = Up(two)
        self.decode2 = _unit(two, one)
        self.up1 = Up(one)
        self.head = nn.Conv2d(one, classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x1 = self.stage1(x)
        x, places1 = self.pool1(x1)
        x2 = self.stage2(x)
        x, places2 = self.pool2(x2)
        x3 = self.stage3(x)
        x, places3 = self.pool3(x3)
        x = self.decode3(self.up3(x, places3, x3.shape))
        x = self.decode2(self.up2(x, places2, x2.shape))
        return self.head(self.up1(x, places1, x1.shape))


class Up(nn.Module):
    """A map made larger, then batch norm and ReLU, as behind every convolution."""

    def __init__(self, width: int):
        super().__init__()
        self.up, self.norm, self.relu = Unpooling(width, width), nn.BatchNorm2d(width), nn.ReLU()

    def forward(self, x: torch.Tensor, indices: torch.Tensor, size: torch.Size) -> torch.Tensor:
        return self.relu(self.norm(self.up(x, indices, size)))


def _pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(2, ceil_mode=True, return_indices=True)


def _unit(channels_in: int, width: int) -> nn.Sequential:
    conv = nn.Conv2d(channels_in, width, 3, padding=1, bias=False)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(width), relu=nn.ReLU()))


def segnet(classes: int = 11, channels: int = 3, image_size: int = 64) -> nn.Module:
    """SegNet for images of any size from 8 pixels on; raises ValueError where they are smaller: three pools leave one
    of 8."""
    check_size("segnet", image_size, 8)
    return SegNet(classes, channels)
