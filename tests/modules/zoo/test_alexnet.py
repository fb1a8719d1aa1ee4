"""AlexNet in two columns and in one."""

import pytest
import torch
from torch import nn

from modules.zoo.alexnet import alexnet, alexnet_one_column
from modules.zoo.response_norm import ResponseNorm


def convolutions(model: nn.Module) -> list[nn.Conv2d]:
    return [module for module in model.modules() if isinstance(module, nn.Conv2d)]


@pytest.fixture(autouse=True)
def without_storage():
    with torch.device("meta"):
        yield


def test_the_columns_meet_in_the_third_convolution_only():
    assert [conv.groups for conv in convolutions(alexnet())] == [1, 2, 1, 2, 2]
    assert [conv.groups for conv in convolutions(alexnet_one_column())] == [1] * 5


def test_widths_are_those_of_the_papers():
    assert [conv.out_channels for conv in convolutions(alexnet())] == [96, 256, 384, 384, 256]
    assert [conv.out_channels for conv in convolutions(alexnet_one_column())] == [64, 192, 384, 256, 256]


def test_without_groups_it_would_be_the_common_wrong_alexnet():
    model = alexnet()
    missing = sum(conv.weight.numel() * (conv.groups - 1) for conv in convolutions(model))
    assert sum(parameter.numel() for parameter in model.parameters()) + missing == 62_378_344


def test_response_norms_follow_the_first_two_relus_of_the_two_column_network_only():
    order = [type(module).__name__ for module in alexnet()]
    assert [order[i - 1] for i, kind in enumerate(order) if kind == "ResponseNorm"] == ["ReLU", "ReLU"]
    norm = next(module for module in alexnet().modules() if isinstance(module, ResponseNorm))
    assert (norm.size, norm.alpha, norm.beta, norm.k) == (5, 5e-4, 0.75, 2)
    assert not [module for module in alexnet_one_column().modules() if isinstance(module, nn.LocalResponseNorm)]


@pytest.mark.parametrize(
    ("size", "sides"), [(224, [55, 27, 13, 13, 13]), (32, [16, 8, 4, 4, 4]), (28, [14, 7, 3, 3, 3])]
)
@pytest.mark.parametrize("build", [alexnet, alexnet_one_column])
def test_convolutions_make_maps_of_these_sides(build, size, sides):
    model = build(image_size=size)
    seen = []
    for conv in convolutions(model):
        conv.register_forward_hook(lambda conv, args, out: seen.append(out.shape[-1]))
    model(torch.zeros(1, 3, size, size))
    assert seen == sides


@pytest.mark.parametrize(("size", "hidden"), [(63, 512), (64, 4096)])
def test_the_small_form_has_smaller_hidden_layers(size, hidden):
    linear = [module for module in alexnet(image_size=size).modules() if isinstance(module, nn.Linear)]
    assert [layer.out_features for layer in linear] == [hidden, hidden, 1000]


def test_hidden_units_are_dropped_behind_their_relu():
    order = [type(module).__name__ for module in alexnet()]
    assert [order[i - 1] for i, kind in enumerate(order) if kind == "Dropout"] == ["ReLU", "ReLU"]
