import copy

import pytest
import torch
from torch import nn

from ablations.factors.batchnorm import BatchNorm
from modules.build import build_model, parameter_count
from modules.surgery import NoEffect


def operated(model, **settings):
    return BatchNorm(**settings).operate(model, torch.Generator())


def plain():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.Conv2d(4, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 5))


def by_hand(model):
    """The network that a person would write: convolution without bias, norm, activation."""
    model = copy.deepcopy(model)
    model[0].bias = model[2].bias = None
    return nn.Sequential(model[0], nn.BatchNorm2d(4), model[1], model[2], nn.BatchNorm2d(3), *model[3:])


def normalised(model):
    """The names of the layers with a norm of their own."""
    return [name for name, layer in model.named_modules() if hasattr(layer, "norm")]


def test_it_is_the_classic_order_of_convolution_norm_and_activation():
    edited, written = operated(plain()).train(), by_hand(plain()).train()
    images = torch.randn(8, 2, 8, 8) * 3 + 1
    assert torch.equal(edited(images), written(images))
    assert torch.equal(edited.eval()(images), written.eval()(images))


def test_convolutions_lose_the_bias_that_the_norm_brings():
    edited = operated(plain())
    assert edited[0].bias is None
    assert edited[2].bias is None
    assert edited[5].bias is not None
    assert parameter_count(edited) == parameter_count(plain()) + 4 + 3


def test_what_an_activation_sees_has_mean_zero_and_spread_one_per_channel():
    edited, seen = operated(plain()).train(), []
    edited[1].register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    edited(torch.randn(16, 2, 8, 8) * 5 - 2)
    assert torch.allclose(seen[0].mean((0, 2, 3)), torch.zeros(4), atol=1e-5)
    assert torch.allclose(seen[0].var((0, 2, 3), correction=0), torch.ones(4), atol=1e-3)


def test_momentum_weighs_the_newest_batch():
    images = torch.randn(16, 2, 8, 8) + 3
    edited = operated(plain(), momentum=1.0).train()
    edited(images)
    expected = nn.functional.conv2d(images, edited[0].weight).mean((0, 2, 3))
    assert torch.allclose(edited[0].norm.running_mean, expected, atol=1e-5)


def test_hidden_linear_layers_are_normalised_where_there_is_no_convolution():
    edited = operated(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2)))
    assert normalised(edited) == ["0", "2"]


def test_a_sequence_is_normalised_over_all_its_positions():
    edited, seen = operated(nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))).train(), []
    edited[1].register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    edited(torch.randn(6, 7, 3) + 2)
    assert seen[0].shape == (6, 7, 4)
    assert torch.allclose(seen[0].mean((0, 1)), torch.zeros(4), atol=1e-5)


@pytest.mark.parametrize(("share", "layers"), [(1.0, ["conv1", "conv2"]), (0.5, ["conv1"])])
def test_a_share_counts_from_the_input(share, layers):
    assert normalised(operated(build_model("lenet5"), share=share)) == layers


def test_what_is_normalised_already_is_left_alone():
    half = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Conv2d(2, 2, 3), nn.ReLU())
    assert normalised(operated(half)) == ["2"]


def test_twice_is_once_too_often():
    with pytest.raises(NoEffect, match="2 BatchNorm2d"):
        operated(operated(build_model("lenet5")))


def test_a_share_of_less_than_half_a_layer_is_no_layer():
    with pytest.raises(NoEffect):
        operated(build_model("lenet5"), share=0.2)


def test_a_share_that_rounds_to_no_layer_is_no_effect():
    with pytest.raises(NoEffect):
        operated(build_model("lenet5"), share=0.25)


def test_a_norm_in_a_container_behind_the_convolution_counts():
    with pytest.raises(NoEffect):
        operated(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(nn.BatchNorm2d(2), nn.ReLU())))


def test_a_layer_that_computes_its_weight_from_others_is_normalised_as_well():
    network = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(1, 4, 3)), nn.ReLU())
    edited = BatchNorm().operate(network, torch.Generator())
    seen = edited[0](torch.rand(8, 1, 6, 6))
    assert torch.allclose(seen.mean((0, 2, 3)), torch.zeros(4), atol=1e-5)
