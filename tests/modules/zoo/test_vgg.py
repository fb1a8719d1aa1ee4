"""VGG in its four depths."""

import pytest
import torch
from torch import nn

from modules.zoo.vgg import vgg11, vgg13, vgg16, vgg19

DEPTHS = {
    11: (vgg11, [1, 1, 2, 2, 2]),
    13: (vgg13, [2] * 5),
    16: (vgg16, [2, 2, 3, 3, 3]),
    19: (vgg19, [2, 2, 4, 4, 4]),
}


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_name_counts_convolutions_and_linear_layers(depth):
    build, stages = DEPTHS[depth]
    with torch.device("meta"):
        model = build()
    assert sum(isinstance(module, nn.Conv2d | nn.Linear) for module in model.modules()) == depth
    assert [len(model.get_submodule(f"stage{stage}")) for stage in range(1, 6)] == stages


@pytest.mark.parametrize(("depth", "parameters"), [(11, 5_504), (16, 8_448)])
def test_a_batch_norm_behind_each_convolution_would_add_the_published_number(depth, parameters):
    with torch.device("meta"):
        model = DEPTHS[depth][0]()
    assert sum(2 * module.out_channels for module in model.modules() if isinstance(module, nn.Conv2d)) == parameters


def test_the_signal_survives_nineteen_layers():
    model = vgg19(classes=10, channels=1, image_size=32).eval()
    spreads = [1.0]
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(lambda module, args, out: spreads.append(out.std().item()))
    with torch.no_grad():
        logits = model(torch.randn(4, 1, 32, 32))
    assert min(spreads) > 0.1 and max(spreads) < 10
    assert logits.std() > 0.1


@pytest.mark.parametrize(("size", "pixels"), [(224, 7), (96, 3), (64, 2), (32, 1), (28, 1), (16, 1)])
def test_five_pools_leave_these_sides(size, pixels):
    with torch.device("meta"):
        assert vgg11(image_size=size).get_submodule("fc1").in_features == 512 * pixels**2
