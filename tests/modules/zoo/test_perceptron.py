"""Networks without convolutions."""

import torch
from torch import nn

from modules.zoo.perceptron import DEEP, deep_mlp, mlp, perceptron


def test_the_perceptron_is_linear_in_the_pixels():
    model = perceptron()
    x, y = torch.randn(2, 3, 1, 28, 28)
    assert torch.allclose(model(x + y) + model(0 * x), model(x) + model(y), atol=1e-4)


def test_the_mlp_has_three_hidden_layers_of_512():
    widths = [module.out_features for module in mlp().modules() if isinstance(module, nn.Linear)]
    assert widths == [512, 512, 512, 10]


def test_the_deep_one_has_thirty_layers_and_as_many_activations_in_the_last_as_in_the_first():
    model = deep_mlp()
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    assert len(layers) == DEEP == 30
    before_head = model[:-1](torch.randn(256, 1, 28, 28))
    assert 0.1 < before_head.std() < 10
