"""LeNet-5 (LeCun et al. 1998) in its modern form, and as in the paper.

Points people get wrong: the input is 32 x 32 (28 is padded by 2). In the modern form the third layer sees all maps of
the second, subsampling is plain max pooling and the output layer is linear: 61,706 parameters at 10 classes and one
channel. In the paper the third layer reads by a table, subsampling has a coefficient and a bias per map and is followed
by the squashing function, as is each layer but the last, and the output units measure distances to fixed codes, which
are not trained: 60,000 parameters and 340,908 connections.
"""

from __future__ import annotations

import random
from collections import OrderedDict

import torch
from torch import nn

from modules.zoo.sizes import check_size

C3_TABLE = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""The maps of S2 that each of the 16 maps of C3 reads (table I)."""

BITMAPS = """
.#####. ...##.. .#####. ####### .#####. .#####. ..####. ####### .#####. .#####.
....... ..###.. ....... .....## ....... ....... .##.... .....## ##...## ##..###
..###.. .####.. .#####. ....##. ....... ####### ##..... .....## ##...## ##...##
.##.##. ...##.. ##...## ...##.. .##..## ##..... ##..... ....##. ##...## ##...##
##...## ...##.. #....## ..####. .##..## ##..... ######. ...##.. .#####. ##..###
##...## ...##.. ....##. .....## ###..## .####.. ###..## ...##.. ##...## .######
##...## ...##.. ..###.. .....## ##...## ..####. ##...## ..##... ##...## .....##
##...## ...##.. .##.... .....## ##...## .....## ##...## ..##... ##...## .....##
.##.##. ...##.. ##..... ##...## ##..### ##...## ###..## ..##... ##...## ....##.
..###.. .###### ####### .#####. .###### .#####. .#####. ..##... .#####. .####..
....... ....... ....... ....... .....## ....... ....... ....... ....... .......
....... ....... ....... ....... .....## ....... ....... ....... ....... .......
"""
"""The codes of the ten digits, pictures of 7 x 12 (figure 3): +1 where there is ink, else -1."""


def lenet5(classes: int = 10, channels: int = 1, image_size: int = 32) -> nn.Module:
    """LeNet-5 for (N, channels, image_size, image_size) images; returns logits (N, classes).

    Raises ValueError where the image is smaller than 16 pixels: two 5 x 5 convolutions and pools leave nothing.
    """
    check_size("lenet5", image_size, 16)
    side = _side(image_size)
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(channels, 6, 5, padding=_padding(image_size)),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(6, 16, 5),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc1=nn.Linear(16 * side * side, 120),
            relu3=nn.ReLU(),
            fc2=nn.Linear(120, 84),
            relu4=nn.ReLU(),
            fc3=nn.Linear(84, classes),
        )
    )


def lenet5_1998(classes: int = 10, channels: int = 1, image_size: int = 32) -> nn.Module:
    """LeNet-5 as in the paper, by its layer names; returns logits (N, classes), minus half the squared distances.

    C5 is a convolution as large as the maps it reads, 5 x 5 for images of 32 pixels. Weights are torch's default; the
    paper's, uniform within 2.4 / fan-in, were made for its second-order learning rates.
    Raises ValueError where the image is smaller than 16 pixels: two 5 x 5 convolutions and pools leave nothing.
    """
    check_size("lenet5_1998", image_size, 16)
    return nn.Sequential(
        OrderedDict(
            c1=nn.Conv2d(channels, 6, 5, padding=_padding(image_size)),
            squash1=ScaledTanh(),
            s2=Subsampling(6),
            squash2=ScaledTanh(),
            c3=PartialConvolution(C3_TABLE),
            squash3=ScaledTanh(),
            s4=Subsampling(16),
            squash4=ScaledTanh(),
            c5=nn.Conv2d(16, 120, _side(image_size)),
            squash5=ScaledTanh(),
            flatten=nn.Flatten(),
            f6=nn.Linear(120, 84),
            squash6=ScaledTanh(),
            output=RadialBasis(classes),
        )
    )


def _padding(image_size: int) -> int:
    return 2 if image_size == 28 else 0


def _side(image_size: int) -> int:
    """Of the maps behind two 5 x 5 convolutions and two halvings."""
    return ((image_size + 2 * _padding(image_size) - 4) // 2 - 4) // 2


class ScaledTanh(nn.Tanh):
    """1.7159 tanh(2x / 3): close to +1 at 1 and to -1 at -1, where its curvature is largest (appendix A)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 1.7159 * super().forward(2 / 3 * x)


class Subsampling(nn.Module):
    """The sum over 2 x 2 pixels, times a coefficient, plus a bias, both of the map; it begins as the mean."""

    def __init__(self, channels: int):
        super().__init__()
        self.sum = nn.AvgPool2d(2, divisor_override=1)
        self.coefficient = nn.Parameter(torch.full((channels, 1, 1), 0.25))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.coefficient * self.sum(x) + self.bias


class PartialConvolution(nn.Module):
    """A 5 x 5 convolution per row of the table, each of the maps named there, to one map."""

    def __init__(self, table: tuple[tuple[int, ...], ...]):
        super().__init__()
        self.table = table
        self.convolutions = nn.ModuleList(nn.Conv2d(len(maps), 1, 5) for maps in table)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pairs = zip(self.table, self.convolutions, strict=True)
        return torch.cat([convolution(x[:, list(maps)]) for maps, convolution in pairs], dim=1)


class RadialBasis(nn.Module):
    """Minus half the squared distances of (N, 84) to fixed codes of +1 and -1, one for each class: (N, classes).

    So a softmax over them is that of Gaussians of variance 1 around the codes. The codes are buffers: pictures of the
    digits for up to 10 classes, else drawn once and for all, the alternative that the paper names.
    """

    codes: torch.Tensor

    def __init__(self, classes: int):
        super().__init__()
        self.register_buffer("codes", torch.tensor(digit_codes()[:classes] if classes <= 10 else drawn_codes(classes)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return -(x.unsqueeze(1) - self.codes).square().sum(2) / 2


def digit_codes() -> list[list[float]]:
    """Ten codes of 84, the rows of a digit's picture one after the other."""
    rows = [line.split() for line in BITMAPS.split("\n")[1:-1]]
    return [[1.0 if pixel == "#" else -1.0 for row in rows for pixel in row[digit]] for digit in range(10)]


def drawn_codes(classes: int) -> list[list[float]]:
    """Codes of 84 random signs, the same in every process and under every seed."""
    draw = random.Random(1998)
    return [draw.choices((-1.0, 1.0), k=84) for _ in range(classes)]
