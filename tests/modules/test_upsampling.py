"""Ways to make feature maps larger: the same sizes, the same number of weights, and what each does with them."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from modules.build import count_macs, parameter_count
from modules.upsampling import Resizing, Transposing, Unpooling

KINDS = {"transposed": Transposing, "unpool": Unpooling, "resize": Resizing}


def pooled(size: int, channels: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    return nn.MaxPool2d(2, ceil_mode=True, return_indices=True)(torch.randn(2, channels, size, size))


@pytest.mark.parametrize("size", [7, 8])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_size_that_was_pooled(kind, size):
    values, indices = pooled(size)
    assert KINDS[kind](3, 5)(values, indices, (2, 3, size, size)).shape == (2, 5, size, size)


def test_all_kinds_have_as_many_weights():
    assert {parameter_count(make(3, 5, bias=True)) for make in KINDS.values()} == {3 * 5 * 9 + 5}


def test_a_transposed_convolution_multiplies_at_the_size_that_comes_in():
    assert count_macs(Transposing(3, 5), (3, 8, 8)) == 9 * 3 * 5 * 8 * 8
    assert count_macs(Resizing(3, 5), (3, 8, 8)) == 9 * 3 * 5 * 16 * 16


@pytest.mark.parametrize("stride", [(2, 2), (3, 2)])
@pytest.mark.parametrize("kernel", [2, 3, 4, 5, 6])
def test_any_window_makes_a_map_just_stride_times_as_large(kernel, stride):
    made = Transposing(2, 3, kernel, stride)(torch.randn(1, 2, 5, 4))
    assert made.shape == (1, 3, 5 * stride[0], 4 * stride[1])


@pytest.mark.parametrize("make", [Resizing, Transposing])
@pytest.mark.parametrize("size", [7, 8, 9])
def test_a_size_that_is_handed_over_as_torchs_transposed_convolution_takes_it_is_heard(make, size):
    layer, x = make(3, 5, more=(1, 0)), torch.randn(2, 3, 4, 4)
    assert layer(x, [size, size]).shape == layer(x, output_size=(2, 5, size, size)).shape == (2, 5, size, size)
    assert layer(x).shape == (2, 5, 9, 8)


@pytest.mark.usefixtures("as_it_comes")
def test_unpooling_is_torchs_and_a_convolution():
    values, indices = pooled(8)
    layer = Unpooling(3, 5)
    unpooled = nn.MaxUnpool2d(2)(values, indices)
    assert torch.allclose(layer(values, indices, (8, 8)), F.conv2d(unpooled, layer.conv.weight, padding=1), atol=1e-6)


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_resizing_is_torchs_and_a_convolution(mode):
    x, layer = torch.randn(2, 3, 4, 4), Resizing(3, 5, more=(1, 0), mode=mode)
    resized = F.interpolate(x, size=(9, 8), mode=mode)
    assert torch.equal(layer(x), F.conv2d(resized, layer.conv.weight, padding=1))
