"""ShuffleNetV1."""

import pytest
import torch
from torch import nn

from modules.zoo.shufflenet import ShuffleDownUnit, ShuffleUnit, shufflenet_v1


def test_pointwise_convolutions_have_three_groups_but_the_first_of_stage_2():
    with torch.device("meta"):
        pointwise = [
            conv for conv in shufflenet_v1().modules() if isinstance(conv, nn.Conv2d) and conv.kernel_size == (1, 1)
        ]
    assert [conv.groups for conv in pointwise] == [1] + [3] * 31


def test_a_unit_adds_its_input():
    unit = ShuffleUnit(24).eval()
    x = torch.randn(2, 24, 6, 6)
    assert torch.equal(unit(x), (x + unit.branch(x)).relu())


def test_a_unit_of_stride_2_keeps_its_averaged_input_in_front():
    unit = ShuffleDownUnit(24, 60, groups=3).eval()
    x = torch.rand(2, 24, 6, 6)
    out = unit(x)
    assert out.shape == (2, 60, 3, 3)
    assert torch.equal(out[:, :24], nn.AvgPool2d(3, 2, padding=1)(x))


def test_the_shuffle_lets_every_group_out_depend_on_every_group_in():
    unit = ShuffleUnit(72).eval()
    x = torch.randn(8, 72, 3, 3, requires_grad=True)
    for group in unit.branch(x).split(24, dim=1):
        (gradient,) = torch.autograd.grad(group.abs().sum(), x, retain_graph=True)
        assert all(part.any() for part in gradient.split(24, dim=1))


@pytest.mark.parametrize(("size", "sides"), [(224, [28, 14, 7]), (64, [8, 4, 2]), (32, [8, 4, 2]), (28, [7, 4, 2])])
def test_stages_end_at_these_sides(size, sides):
    with torch.device("meta"):
        model = shufflenet_v1(image_size=size)
    seen = []
    for stage in range(2, 5):
        model.get_submodule(f"stage{stage}").register_forward_hook(lambda stage, args, out: seen.append(out.shape[-1]))
    model(torch.zeros(2, 3, size, size, device="meta"))
    assert seen == sides
