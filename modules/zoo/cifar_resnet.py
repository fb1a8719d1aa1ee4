"""The CIFAR ResNets (He et al. 2016, section 4.2) and their plain twins: depth 6n + 2, widths 16, 32, 64.

Points people get wrong: the shortcut is option A (every second pixel, missing channels filled with zeros), which has
no parameters, so a plain twin, which has no shortcut, has the same count; the norm comes after each convolution; the
last ReLU comes after the addition; what a deep plain net suffers from is a higher *training* error, not overfitting.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import nn

from modules.zoo.sizes import check_size


class ShortcutA(nn.Module):
    """Option A: subsamples (N, C, H, W) by `stride` and pads the channels with zeros to `growth` times as many."""

    def __init__(self, growth: int, stride: int):
        super().__init__()
        self.growth, self.stride = growth, stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x[:, :, :: self.stride, :: self.stride]
        if self.growth == 1:
            return x
        missing = x.shape[1] * (self.growth - 1)
        return nn.functional.pad(x, (0, 0, 0, 0, missing // 2, missing - missing // 2))


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions, and a shortcut where `skip`."""

    def __init__(self, channels_in: int, channels: int, stride: int, skip: bool):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.shortcut = ShortcutA(channels // channels_in, stride) if skip else None
        self.relu2 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu1(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return self.relu2(y if self.shortcut is None else y + self.shortcut(x))


class CifarResNet(nn.Module):
    """Three stages of `blocks` basic blocks; (N, channels, S, S) images to logits (N, classes), any S of 8 or more."""

    def __init__(self, blocks: int, classes: int, channels: int, skip: bool):
        super().__init__()
        self.conv = nn.Conv2d(channels, 16, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        self.stage1 = _stage(16, 16, blocks, stride=1, skip=skip)
        self.stage2 = _stage(16, 32, blocks, stride=2, skip=skip)
        self.stage3 = _stage(32, 64, blocks, stride=2, skip=skip)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(64, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu(self.norm(self.conv(x)))
        x = self.stage3(self.stage2(self.stage1(x)))
        return self.head(self.flatten(self.pool(x)))


def _stage(channels_in: int, channels: int, blocks: int, stride: int, skip: bool) -> nn.Sequential:
    first = BasicBlock(channels_in, channels, stride, skip)
    return nn.Sequential(first, *(BasicBlock(channels, channels, 1, skip) for _ in range(blocks - 1)))


def _resnet(depth: int, skip: bool, classes: int = 10, channels: int = 3, image_size: int = 32) -> nn.Module:
    """The CIFAR ResNet of `depth` = 6n + 2 layers, or its plain twin. Raises ValueError for images under 8 pixels."""
    check_size("a CIFAR ResNet", image_size, 8)
    return CifarResNet((depth - 2) // 6, classes, channels, skip)


cifar_resnet20 = partial(_resnet, 20, True)
cifar_resnet32 = partial(_resnet, 32, True)
cifar_resnet44 = partial(_resnet, 44, True)
cifar_resnet56 = partial(_resnet, 56, True)
cifar_resnet110 = partial(_resnet, 110, True)
cifar_plain20 = partial(_resnet, 20, False)
cifar_plain32 = partial(_resnet, 32, False)
cifar_plain44 = partial(_resnet, 44, False)
cifar_plain56 = partial(_resnet, 56, False)
cifar_plain110 = partial(_resnet, 110, False)
