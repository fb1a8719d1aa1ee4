"""SqueezeNet 1.0."""

import pytest
import torch
from torch import nn

from modules.zoo.squeezenet import Fire, squeezenet


def test_it_has_no_linear_layer_and_eight_fire_modules_of_these_widths():
    with torch.device("meta"):
        model = squeezenet()
    assert not [module for module in model.modules() if isinstance(module, nn.Linear)]
    fires = [module for module in model.modules() if isinstance(module, Fire)]
    assert [fire.squeeze.out_channels for fire in fires] == [16, 16, 32, 32, 48, 48, 64, 64]
    assert [fire.expand3.out_channels for fire in fires] == [64, 64, 128, 128, 192, 192, 256, 256]


@pytest.mark.parametrize(("size", "sides"), [(224, [54, 27, 13]), (64, [14, 7, 3]), (32, [13, 6, 3]), (28, [11, 5, 2])])
def test_stages_work_at_these_sides(size, sides):
    with torch.device("meta"):
        model = squeezenet(image_size=size)
    seen = []
    for stage in range(1, 4):
        model.get_submodule(f"stage{stage}").register_forward_hook(lambda stage, args, out: seen.append(out.shape[-1]))
    model(torch.zeros(2, 3, size, size, device="meta"))
    assert seen == sides
