"""Networks without convolutions: the perceptron (Rosenblatt 1958), and the MLP of Zhang et al. 2017.

Points people get wrong: the perceptron here has one output per class and is trained by whatever loss the recipe names,
where Rosenblatt's had a threshold and his own rule; it has no hidden layer, so it cannot learn XOR. Zhang's "MLP
3 x 512" has three hidden layers, and on CIFAR-10 sees the 28 x 28 centre of the image, hence 1,735,178 parameters.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from modules.zoo.sizes import check_size


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
