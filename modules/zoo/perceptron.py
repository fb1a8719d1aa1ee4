"""Networks without convolutions: the perceptron (Rosenblatt 1958), the MLP of Zhang et al. 2017, and a deep one.

Points people get wrong: the perceptron here has one output per class and is trained by whatever loss the recipe names,
where Rosenblatt's had a threshold and his own rule; it has no hidden layer, so it cannot learn XOR. Zhang's "MLP
3 x 512" has three hidden layers, and on CIFAR-10 sees the 28 x 28 centre of the image, hence 1,735,178 parameters.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise

from torch import nn

from modules.zoo.sizes import check_size
from modules.zoo.weights import he_normal

DEEP = 30
"""Layers of the deep one, as many as in the network that He et al. 2015 show their initialisation on."""


def perceptron(classes: int = 10, channels: int = 1, image_size: int = 28) -> nn.Module:
    """One linear layer on the pixels of (N, channels, image_size, image_size) images; returns logits (N, classes).

    Raises ValueError where the image has no pixels.
    """
    check_size("perceptron", image_size, 1)
    return nn.Sequential(OrderedDict(flatten=nn.Flatten(), fc=nn.Linear(channels * image_size**2, classes)))


def mlp(classes: int = 10, channels: int = 3, image_size: int = 28) -> nn.Module:
    """Three hidden layers of 512 ReLU units on the pixels of (N, channels, image_size, image_size) images; returns
    logits (N, classes). Raises ValueError where the image has no pixels.
    """
    check_size("mlp", image_size, 1)
    return nn.Sequential(
        OrderedDict(
            flatten=nn.Flatten(),
            fc1=nn.Linear(channels * image_size**2, 512),
            relu1=nn.ReLU(),
            fc2=nn.Linear(512, 512),
            relu2=nn.ReLU(),
            fc3=nn.Linear(512, 512),
            relu3=nn.ReLU(),
            head=nn.Linear(512, classes),
        )
    )


def deep_mlp(classes: int = 10, channels: int = 1, image_size: int = 28) -> nn.Module:
    """Thirty linear layers with 128 ReLU units between them, on the pixels of (N, channels, image_size, image_size)
    images (after He et al. 2015); returns logits (N, classes). Raises ValueError where the image has no pixels.

    There is neither norm nor skip, so that the initialisation alone decides whether it trains; as built it is He's.
    """
    check_size("deep_mlp", image_size, 1)
    widths = [channels * image_size**2, *[128] * (DEEP - 1)]
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    for number, (inside, outside) in enumerate(pairwise(widths), start=1):
        layers |= {f"fc{number}": nn.Linear(inside, outside), f"relu{number}": nn.ReLU()}
    layers["head"] = nn.Linear(widths[-1], classes)
    model = nn.Sequential(layers)
    he_normal(model, model[-1])
    return model
