"""The closed forms agree with what torch's own modules have and do."""

import subprocess
import sys
from dataclasses import dataclass

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn

from modules import arithmetic
from modules.arithmetic import (
    check_groups,
    depthwise_separable_weights,
    depthwise_weights,
    grouped_weights,
    macs,
    output_size,
    pointwise_weights,
    separable_ratio,
    spatially_separable_macs,
    spatially_separable_weights,
    standard_weights,
    transposed_output_size,
    transposed_weights,
    window,
)
from modules.build import count_macs, parameter_count

SIZES, KERNELS, STRIDES, PADDINGS, DILATIONS = (
    st.integers(*ends) for ends in ((1, 12), (1, 5), (1, 3), (0, 4), (1, 3))
)
AXIS = (SIZES, KERNELS, STRIDES, PADDINGS, DILATIONS)


@given(*AXIS)
def test_a_convolution_has_as_many_positions_as_torch_finds(size, kernel, stride, padding, dilation):
    assume(size + 2 * padding >= window(kernel, dilation))
    there = nn.Conv1d(1, 1, kernel, stride, padding, dilation)(torch.zeros(1, 1, size))
    assert output_size(size, kernel, stride, padding, dilation) == there.shape[-1]


@given(*AXIS, st.integers(0, 2))
def test_a_transposed_convolution_gives_torch_s_size_and_undoes_that_of_the_convolution(
    size, kernel, stride, padding, dilation, output_padding
):
    assume(output_padding < stride)
    assume((size - 1) * stride - 2 * padding + window(kernel, dilation) + output_padding > 0)
    layer = nn.ConvTranspose1d(1, 1, kernel, stride, padding, output_padding, dilation=dilation)
    there = transposed_output_size(size, kernel, stride, padding, dilation, output_padding)
    assert there == layer(torch.zeros(1, 1, size)).shape[-1]
    assert output_size(there, kernel, stride, padding, dilation) == size


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "there"),
    [(227, 11, 4, 0, 55), (224, 11, 4, 2, 55), (224, 7, 2, 3, 112), (32, 5, 1, 0, 28), (224, 3, 1, 1, 224)],
    ids=["AlexNet at 227", "AlexNet at 224", "ResNet", "LeNet", "VGG"],
)
def test_first_convolutions_have_the_published_sizes(size, kernel, stride, padding, there):
    assert output_size(size, kernel, stride, padding) == there


@dataclass(frozen=True)
class Geometry:
    """Square kernel, channels in and out and in between, groups, and an input of another height than width."""

    kernel: int
    channels_in: int
    channels_out: int
    middle: int
    groups: int
    multiplier: int
    stride: int
    padding: int
    height: int
    width: int

    @property
    def shape(self):
        return self.channels_in, self.height, self.width

    @property
    def out(self):
        return [output_size(side, self.kernel, self.stride, self.padding) for side in (self.height, self.width)]

    def conv(self, channels_in, channels_out, **options):
        return nn.Conv2d(
            channels_in, channels_out, self.kernel, self.stride, self.padding, **{"bias": False, **options}
        )


@st.composite
def geometries(draw):
    groups, small = draw(st.integers(1, 3)), st.integers(1, 3)
    geometry = Geometry(
        draw(KERNELS), groups * draw(small), groups * draw(small), draw(small), groups, draw(small),
        draw(STRIDES), draw(PADDINGS), draw(SIZES), draw(SIZES),
    )  # fmt: skip
    assume(min(geometry.height, geometry.width) + 2 * geometry.padding >= geometry.kernel)
    return geometry


# From a geometry: the module, the number of its weights, the number of its multiply-accumulates.
def standard(g):
    weights = standard_weights(g.channels_in, g.channels_out, g.kernel)
    return g.conv(g.channels_in, g.channels_out), weights, macs(weights, *g.out)


def pointwise(g):
    weights = pointwise_weights(g.channels_in, g.channels_out)
    return nn.Conv2d(g.channels_in, g.channels_out, 1, bias=False), weights, macs(weights, g.height, g.width)


def grouped(g):
    weights = grouped_weights(g.channels_in, g.channels_out, g.kernel, g.groups)
    return g.conv(g.channels_in, g.channels_out, groups=g.groups), weights, macs(weights, *g.out)


def shuffled_group(g):
    plain, weights, cost = grouped(g)
    return nn.Sequential(plain, nn.ChannelShuffle(g.groups)), weights, cost


def depthwise(g):
    weights = depthwise_weights(g.channels_in, g.kernel, g.multiplier)
    conv = g.conv(g.channels_in, g.channels_in * g.multiplier, groups=g.channels_in)
    return conv, weights, macs(weights, *g.out)


def depthwise_separable(g):
    weights = depthwise_separable_weights(g.channels_in, g.channels_out, g.kernel)
    first = g.conv(g.channels_in, g.channels_in, groups=g.channels_in)
    second = nn.Conv2d(g.channels_in, g.channels_out, 1, bias=False)
    return nn.Sequential(first, second), weights, macs(weights, *g.out)


def spatially_separable(g):
    weights = spatially_separable_weights(g.channels_in, g.channels_out, g.kernel, g.middle)
    first = nn.Conv2d(g.channels_in, g.middle, (g.kernel, 1), (g.stride, 1), (g.padding, 0), bias=False)
    second = nn.Conv2d(g.middle, g.channels_out, (1, g.kernel), (1, g.stride), (0, g.padding), bias=False)
    cost = spatially_separable_macs(
        g.channels_in, g.channels_out, g.kernel,
        out_height=g.out[0], out_width=g.out[1], in_width=g.width, middle=g.middle,
    )  # fmt: skip
    return nn.Sequential(first, second), weights, cost


def transposed(g):
    weights = transposed_weights(g.channels_in, g.channels_out, g.kernel, g.groups)
    conv = nn.ConvTranspose2d(g.channels_in, g.channels_out, g.kernel, g.stride, groups=g.groups, bias=False)
    return conv, weights, macs(weights, g.height, g.width)


KINDS = [standard, pointwise, grouped, shuffled_group, depthwise, depthwise_separable, spatially_separable, transposed]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(geometry=geometries())
def test_weights_and_multiply_accumulates_are_those_that_torch_has_and_counts(kind, geometry):
    module, weights, cost = kind(geometry)
    assert parameter_count(module) == weights
    assert count_macs(module, geometry.shape) == cost


@given(geometry=geometries())
def test_a_bias_adds_its_channels_to_the_parameters_and_nothing_to_the_count(geometry):
    _, weights, cost = standard(geometry)
    biased = geometry.conv(geometry.channels_in, geometry.channels_out, bias=True)
    assert parameter_count(biased) == weights + geometry.channels_out
    assert count_macs(biased, geometry.shape) == cost


@given(geometry=geometries())
def test_a_depthwise_separable_convolution_costs_one_over_out_plus_one_over_k_squared(geometry):
    (_, few, little), (_, many, much) = depthwise_separable(geometry), standard(geometry)
    ratio = pytest.approx(separable_ratio(geometry.channels_out, geometry.kernel))
    assert few / many == ratio
    assert little / much == ratio


def test_between_a_spatially_separable_pair_there_are_the_channels_out_by_default():
    assert spatially_separable_weights(2, 5, 3) == spatially_separable_weights(2, 5, 3, middle=5) == 3 * (2 * 5 + 5 * 5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: output_size(2, 5), "a window of 5 pixels does not fit into 2 pixels padded by 0: pad by 2 or more"),
        (lambda: output_size(3, 3, padding=1, dilation=4), "a window of 9 pixels .* padded by 1: pad by 3 or more"),
        (lambda: output_size(3, 3, stride=0), "stride must be 1 or more, not 0"),
        (lambda: output_size(0, 1), "size must be 1 or more, not 0"),
        (lambda: transposed_output_size(2, 2, padding=2), "padding of 2 leaves -1 pixels: .* lower it"),
        (lambda: transposed_output_size(1, 2, padding=1), "padding of 1 leaves 0 pixels"),
        (lambda: transposed_output_size(2, 2, stride=2, output_padding=2), "below the stride 2 or the dilation 1, not 2"),
        (lambda: grouped_weights(6, 4, 3, groups=3), "3 does not divide 6 and 4: take a divisor of both"),
        (lambda: transposed_weights(4, 6, 3, groups=4), "4 does not divide 4 and 6"),
        (lambda: check_groups(4, 4, 0), "groups must be 1 or more, not 0"),
        (lambda: depthwise_weights(4, 0), "kernel must be 1 or more, not 0"),
        (lambda: spatially_separable_weights(4, 4, 3, middle=0), "middle must be 1 or more, not 0"),
        (lambda: separable_ratio(0, 3), "channels_out must be 1 or more, not 0"),
        (lambda: macs(9, 0, 3), "height must be 1 or more, not 0"),
    ],
)  # fmt: skip
def test_impossible_geometry_gets_advice(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@given(*AXIS)
def test_the_advised_padding_is_the_least_that_works(size, kernel, stride, padding, dilation):
    assume(size + 2 * padding < window(kernel, dilation))
    with pytest.raises(ValueError, match="pad by") as error:
        output_size(size, kernel, stride, padding, dilation)
    advised = int(str(error.value).split("pad by ")[1].split()[0])
    assert output_size(size, kernel, stride, advised, dilation) >= 1
    with pytest.raises(ValueError, match="pad by"):
        output_size(size, kernel, stride, advised - 1, dilation)


def test_arithmetic_needs_no_torch():
    code = f"import sys, {arithmetic.__name__}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
