"""A plain deep network, on which initialisation and learning rate decide."""

import itertools

from torch import nn


class DeepMlp(nn.Sequential):
    """`layers` linear layers of `width` hidden units with ReLUs in between, drawn by He's rule (2015), biases zero."""

    def __init__(self, layers: int, classes: int, channels: int, image_size: int, width: int = 128):
        sizes = [channels * image_size**2, *[width] * (layers - 1), classes]
        linears = [nn.Linear(*pair) for pair in itertools.pairwise(sizes)]
        for linear in linears:
            nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
            nn.init.zeros_(linear.bias)
        hidden = [module for linear in linears[:-1] for module in (linear, nn.ReLU())]
        super().__init__(nn.Flatten(), *hidden, linears[-1])
