"""GoogLeNet (Szegedy et al. 2015, "Going deeper with convolutions"), as in the paper.

Points people get wrong: the 5 x 5 branch is 5 x 5 (torchvision's is 3 x 3); convolutions have biases and no batch
norm; pools are `ceil_mode`; both auxiliary heads, behind 4a and 4d, count: 13,378,280 parameters with them, 6,998,552
without. The paper gives no constants for its response norms: they are AlexNet's here. Weights are He normal (He et al.
2015), where the paper is silent.

The small form (images under 64 pixels): the first convolution and the second pool have stride 1 instead of 2, so that
for 32 pixels stage 3 works at 16 x 16.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn

from modules.zoo.auxiliary import AuxiliaryHead, WithAuxiliary
from modules.zoo.response_norm import ResponseNorm
from modules.zoo.sizes import check_size, is_small
from modules.zoo.weights import he_normal


class Inception(nn.Module):
    """Four branches beside each other, their maps concatenated: 1 x 1, 3 x 3 and 5 x 5 behind a 1 x 1 reduction, and
    a 1 x 1 projection behind a pool. The arguments are a row of the paper's table 1.
    """

    def __init__(self, channels_in: int, one: int, reduce3: int, three: int, reduce5: int, five: int, projection: int):
        super().__init__()
        self.branch1 = _unit(channels_in, one, 1)
        self.branch3 = nn.Sequential(_unit(channels_in, reduce3, 1), _unit(reduce3, three, 3))
        self.branch5 = nn.Sequential(_unit(channels_in, reduce5, 1), _unit(reduce5, five, 5))
        self.branch_pool = nn.Sequential(nn.MaxPool2d(3, 1, padding=1), _unit(channels_in, projection, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.branch1(x), self.branch3(x), self.branch5(x), self.branch_pool(x)], dim=1)


class Head(AuxiliaryHead):
    """Averages maps (N, channels, side, side) by 5 x 5 with stride 3, then a 1 x 1 convolution to 128 maps, a hidden
    layer of 1,024 units with dropout 0.7, and logits (N, classes).

    Maps of fewer than 5 pixels a side are averaged whole.
    """

    def __init__(self, channels: int, side: int, classes: int):
        super().__init__()
        kernel = min(5, side)
        pooled = (side - kernel) // 3 + 1
        self.pool = nn.AvgPool2d(kernel, 3)
        self.conv = nn.Conv2d(channels, 128, 1)
        self.relu1 = nn.ReLU()
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(128 * pooled * pooled, 1024)
        self.relu2 = nn.ReLU()
        self.dropout = nn.Dropout(0.7)
        self.fc2 = nn.Linear(1024, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.flatten(self.relu1(self.conv(self.pool(x))))
        return self.fc2(self.dropout(self.relu2(self.fc1(x))))


class GoogLeNet(nn.Module):
    """(N, channels, S, S) images to logits (N, classes); in training mode to `WithAuxiliary`, heads of 4a and 4d."""

    def __init__(self, classes: int, channels: int, image_size: int):
        super().__init__()
        small = is_small(image_size)
        side4 = image_size // 4 if small else (image_size + 1) // 2 // 8
        self.stem = _stem(channels, small)
        self.stage3 = nn.Sequential(
            Inception(192, 64, 96, 128, 16, 32, 32),
            Inception(256, 128, 128, 192, 32, 96, 64),
        )
        self.pool3 = _pool()
        self.inception4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.stage4 = nn.Sequential(
            Inception(512, 160, 112, 224, 24, 64, 64),
            Inception(512, 128, 128, 256, 24, 64, 64),
            Inception(512, 112, 144, 288, 32, 64, 64),
        )
        self.inception4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.pool4 = _pool()
        self.stage5 = nn.Sequential(
            Inception(832, 256, 160, 320, 32, 128, 128),
            Inception(832, 384, 192, 384, 48, 128, 128),
        )
        self.auxiliary4a = Head(512, side4, classes)
        self.auxiliary4d = Head(528, side4, classes)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.4)
        self.head = nn.Linear(1024, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor | WithAuxiliary:
        map4a = self.inception4a(self.pool3(self.stage3(self.stem(x))))
        map4d = self.stage4(map4a)
        x = self.stage5(self.pool4(self.inception4e(map4d)))
        logits = self.head(self.dropout(self.flatten(self.average(x))))
        if not self.training:
            return logits
        return WithAuxiliary(logits, (self.auxiliary4a(map4a), self.auxiliary4d(map4d)))


def _stem(channels: int, small: bool) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv1=_unit(channels, 64, 7, stride=1 if small else 2),
            pool1=_pool(),
            norm1=ResponseNorm(),
            conv2=_unit(64, 64, 1),
            conv3=_unit(64, 192, 3),
            norm2=ResponseNorm(),
            pool2=nn.MaxPool2d(3, 1, padding=1) if small else _pool(),
        )
    )


def _pool() -> nn.Module:
    return nn.MaxPool2d(3, 2, ceil_mode=True)


def _unit(channels_in: int, maps: int, kernel: int, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(channels_in, maps, kernel, stride, padding=kernel // 2)
    return nn.Sequential(OrderedDict(conv=conv, relu=nn.ReLU()))


def googlenet(classes: int = 1000, channels: int = 3, image_size: int = 224) -> nn.Module:
    """GoogLeNet with both auxiliary heads, for (N, channels, image_size, image_size) images.

    Raises ValueError where the image is smaller than 8 pixels: three pools leave nothing.
    """
    check_size("googlenet", image_size, 8)
    model = GoogLeNet(classes, channels, image_size)
    he_normal(model, model.head, model.auxiliary4a.fc2, model.auxiliary4d.fc2)
    return model
