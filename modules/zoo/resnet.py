"""The ImageNet ResNets (He et al. 2016, table 1) and their plain twins, which have no shortcut.

Points people get wrong: shortcuts are option B, a 1 x 1 projection with a norm only where the shape changes, else the
input itself; the norm comes after each convolution and the last ReLU after the addition; a bottleneck's stride sits in
its 3 x 3 convolution (the paper's own code had it in the first 1 x 1; parameters are the same, MACs are not). A plain
twin has no projection either, and what it suffers from is a higher *training* error, not overfitting.

The small form (images under 64 pixels): the first convolution is 3 x 3 with stride 1 instead of 7 x 7 with stride 2,
so that for 32 pixels stage 1 works at 16 x 16.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

import torch
from torch import nn

from modules.zoo.sizes import check_size, is_small


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions, and a shortcut where `skip`."""

    expansion = 1

    def __init__(self, channels_in: int, width: int, stride: int, skip: bool):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, width, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.shortcut = _shortcut(channels_in, width, stride) if skip else None
        self.relu2 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu1(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return self.relu2(y if self.shortcut is None else y + self.shortcut(x))


class Bottleneck(nn.Module):
    """1 x 1 down to `width`, 3 x 3, 1 x 1 up to four times `width`, and a shortcut where `skip`."""

    expansion = 4

    def __init__(self, channels_in: int, width: int, stride: int, skip: bool):
        super().__init__()
        channels = self.expansion * width
        self.conv1 = nn.Conv2d(channels_in, width, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(width, channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(channels)
        self.shortcut = _shortcut(channels_in, channels, stride) if skip else None
        self.relu3 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu1(self.norm1(self.conv1(x)))
        y = self.relu2(self.norm2(self.conv2(y)))
        y = self.norm3(self.conv3(y))
        return self.relu3(y if self.shortcut is None else y + self.shortcut(x))


def _shortcut(channels_in: int, channels: int, stride: int) -> nn.Module:
    if channels_in == channels and stride == 1:
        return nn.Identity()
    conv = nn.Conv2d(channels_in, channels, 1, stride, bias=False)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(channels)))


Block = type[BasicBlock] | type[Bottleneck]


def _resnet(
    name: str, block: Block, depths: tuple[int, ...], skip: bool,
    classes: int = 1000, channels: int = 3, image_size: int = 224,
) -> nn.Module:  # fmt: skip
    """Four stages of these many blocks: (N, channels, image_size, image_size) images to logits (N, classes).

    Raises ValueError where the image is smaller than 16 pixels: the last stage would have less than one.
    """
    check_size(name, image_size, 16)
    layers = OrderedDict(stem=_stem(channels, is_small(image_size)))
    maps = 64
    for stage, depth in enumerate(depths):
        width = 64 * 2**stage
        layers[f"stage{stage + 1}"] = _stage(block, maps, width, depth, 1 if stage == 0 else 2, skip)
        maps = block.expansion * width
    head = OrderedDict(pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), head=nn.Linear(maps, classes))
    model = nn.Sequential(layers | head)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model


def _stem(channels: int, small: bool) -> nn.Sequential:
    kernel, stride = (3, 1) if small else (7, 2)
    conv = nn.Conv2d(channels, 64, kernel, stride, padding=kernel // 2, bias=False)
    pool = nn.MaxPool2d(3, 2, padding=1)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(64), relu=nn.ReLU(), pool=pool))


def _stage(block: Block, channels_in: int, width: int, depth: int, stride: int, skip: bool) -> nn.Sequential:
    first = block(channels_in, width, stride, skip)
    return nn.Sequential(first, *(block(block.expansion * width, width, 1, skip) for _ in range(depth - 1)))


resnet18 = partial(_resnet, "resnet18", BasicBlock, (2, 2, 2, 2), True)
resnet34 = partial(_resnet, "resnet34", BasicBlock, (3, 4, 6, 3), True)
resnet50 = partial(_resnet, "resnet50", Bottleneck, (3, 4, 6, 3), True)
resnet101 = partial(_resnet, "resnet101", Bottleneck, (3, 4, 23, 3), True)
resnet152 = partial(_resnet, "resnet152", Bottleneck, (3, 8, 36, 3), True)
plain18 = partial(_resnet, "plain18", BasicBlock, (2, 2, 2, 2), False)
plain34 = partial(_resnet, "plain34", BasicBlock, (3, 4, 6, 3), False)
plain50 = partial(_resnet, "plain50", Bottleneck, (3, 4, 6, 3), False)
plain101 = partial(_resnet, "plain101", Bottleneck, (3, 4, 23, 3), False)
plain152 = partial(_resnet, "plain152", Bottleneck, (3, 8, 36, 3), False)
