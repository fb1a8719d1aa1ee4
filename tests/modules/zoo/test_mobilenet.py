"""MobileNetV1."""

import torch
from torch import nn

from modules.zoo.mobilenet import mobilenet_v1


def test_it_has_28_layers_of_which_13_are_depthwise_each_with_norm_and_relu():
    with torch.device("meta"):
        model = mobilenet_v1()
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) + 1 == 28
    assert sum(conv.groups == conv.in_channels > 3 for conv in convolutions) == 13
    for kind in (nn.BatchNorm2d, nn.ReLU):
        assert sum(isinstance(module, kind) for module in model.modules()) == len(convolutions)


def test_the_reference_form_divides_the_side_by_32_and_the_small_form_by_16():
    for size, side in [(224, 7), (64, 2), (32, 2)]:
        with torch.device("meta"):
            model = mobilenet_v1(image_size=size)
            maps = model[:-3](torch.zeros(2, 3, size, size))
        assert maps.shape == (2, 1024, side, side)
