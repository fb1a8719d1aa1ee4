"""SegNet in its small form."""

import pytest
import torch
from torch import nn

from modules.convolutions import MaxUnpool
from modules.zoo.segnet import segnet


@pytest.mark.parametrize("size", [8, 9, 13, 47, 48, 63])
def test_every_pixel_gets_logits_whether_8_divides_the_side_or_not(size):
    assert segnet(classes=5, channels=2)(torch.randn(2, 2, size, size)).shape == (2, 5, size, size)


def test_it_unpools_as_often_as_it_pools_and_nothing_else_is_handed_over():
    model = segnet()
    pools, unpools = ([m for m in model.modules() if isinstance(m, kind)] for kind in (nn.MaxPool2d, MaxUnpool))
    assert len(pools) == len(unpools) == 3
    assert all(pool.return_indices for pool in pools)
    assert not any(isinstance(m, nn.ConvTranspose2d | nn.Upsample) for m in model.modules())


def test_a_norm_follows_every_convolution_but_the_last_none_of_which_has_a_bias():
    convolutions = [m for m in segnet().modules() if isinstance(m, nn.Conv2d)]
    norms = [m for m in segnet().modules() if isinstance(m, nn.BatchNorm2d)]
    assert len(norms) == len(convolutions) - 1
    assert [conv.bias is not None for conv in convolutions] == [False] * len(norms) + [True]
