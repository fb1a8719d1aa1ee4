"""Networks without convolutions."""

import torch
from torch import nn

from modules.zoo.perceptron import mlp, perceptron


def test_the_perceptron_is_linear_in_the_pixels():
    model = perceptron()
    x, y = torch.randn(2, 3, 1, 28, 28)
    assert torch.allclose(model(x + y) + model(0 * x), model(x) + model(y), atol=1e-4)


def test_the_mlp_has_three_hidden_layers_of_512():
    widths = [module.out_features for module in mlp().modules() if isinstance(module, nn.Linear)]
    assert widths == [512, 512, 512, 10]
