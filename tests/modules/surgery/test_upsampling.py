"""Modules that make maps larger give way to one another."""

import pytest
import torch
from torch import nn

from modules.surgery.upsampling import kind_of, place_of, places, stand_in, upsamplers
from modules.upsampling import Resizing, Transposing, Unpooling


@pytest.mark.parametrize(
    "settings",
    [
        {"kernel_size": 2},
        {"kernel_size": 3, "padding": 1},
        {"kernel_size": 3, "padding": 1, "output_padding": 1},
        {"kernel_size": 4, "padding": 1},
        {"kernel_size": (5, 2), "padding": (0, 1)},
        {"kernel_size": 3, "groups": 2},
    ],
)
def test_resizing_gives_the_size_of_any_transposed_convolution(settings):
    conv, x = nn.ConvTranspose2d(4, 6, stride=2, **settings), torch.randn(1, 4, 5, 7)
    resized = stand_in("resize", conv, place_of(conv, None), 3, "nearest")
    assert resized(x).shape == conv(x).shape


def test_a_stand_in_keeps_bias_and_gain():
    conv = nn.ConvTranspose2d(16, 32, 4, stride=2, padding=1)
    nn.init.normal_(conv.weight, std=0.7)
    resized = stand_in("resize", conv, place_of(conv, None), 3, "nearest")
    assert torch.equal(resized.conv.bias, conv.bias)
    with torch.no_grad():
        ours, theirs = (float(layer(torch.randn(8, 16, 32, 32)).std()) for layer in (resized, conv))
    assert ours == pytest.approx(theirs, rel=0.15)


def test_between_unpooling_and_resizing_the_convolution_stays():
    unpooling = Unpooling(3, 5)
    assert stand_in("resize", unpooling, place_of(unpooling, None), 3, "nearest").conv is unpooling.conv


def test_parts_of_a_whole_are_not_found_by_themselves():
    model = nn.Sequential(Unpooling(3, 3), Transposing(3, 3), Resizing(3, 3), nn.ConvTranspose2d(3, 3, 3))
    assert [kind_of(module) for module in upsamplers(model)] == ["unpool", "transposed", "resize"]


def test_what_has_no_convolution_is_known_by_the_shapes_that_go_by():
    model = nn.Sequential(nn.Conv2d(2, 6, 3, padding=1), nn.Upsample(scale_factor=2))
    (place,) = places(model, "transposed", torch.randn(1, 2, 4, 4)).values()
    assert (place.inside, place.outside, place.stride) == (6, 6, (2, 2))


@pytest.mark.parametrize("settings", [{"scale_factor": 1.5}, {"size": (7, 8)}, {"scale_factor": 1}, {"size": 2}])
def test_what_does_not_enlarge_by_whole_numbers_is_no_place(settings):
    model = nn.Sequential(nn.Conv2d(2, 6, 3, padding=1), nn.Upsample(**settings))
    assert places(model, "transposed", torch.randn(1, 2, 4, 4)) == {}


@pytest.mark.parametrize("scale", [2, 3, (1, 2)])
@pytest.mark.parametrize("kernel", [2, 3, 4])
def test_what_stands_in_for_resizing_makes_the_same_size(scale, kernel):
    up, x = nn.Upsample(scale_factor=scale), torch.randn(1, 2, 4, 4)
    (place,) = places(nn.Sequential(up), "transposed", x).values()
    assert stand_in("transposed", up, place, kernel, "nearest")(x).shape == up(x).shape
    resizing = Resizing(2, 2, (2, 3), (1, 0))
    made = stand_in("transposed", resizing, place_of(resizing, None), kernel, "nearest")
    assert made(x).shape == resizing(x).shape


def test_a_layer_with_a_forward_of_its_own_is_refused():
    class Odd(nn.ConvTranspose2d):
        def forward(self, x):
            return super().forward(x) + 1

    with pytest.raises(ValueError, match="Odd has a forward of its own"):
        upsamplers(Odd(2, 2, 2, stride=2))
