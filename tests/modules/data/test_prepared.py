import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from modules.data.prepared import prepared, with_channels
from tests.modules.data.made import pixels

COLOUR = pixels("c", (30, 40)).transpose(2, 0, 1).astype(np.float32) / 255
GREY = COLOUR[:1]


@given(
    st.integers(1, 50), st.integers(1, 50), st.sampled_from([1, 3]), st.sampled_from([1, 3]), st.sampled_from([8, 21])
)
def test_every_image_comes_out_alike(height, width, given, channels, size):
    image = np.random.default_rng(0).random((given, height, width), dtype=np.float32)
    found = prepared(image, channels, size)
    assert found.shape == (channels, size, size)
    assert found.dtype == torch.float32
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-6


def test_an_image_of_the_size_asked_for_stays_as_it_is():
    image = GREY[:, :20, :20]
    assert np.array_equal(prepared(image, 1, 20).numpy(), image)


def test_larger_sizes_are_those_of_bilinear_interpolation():
    image = torch.from_numpy(GREY[:, :8, :8].copy())
    expected = torch.nn.functional.interpolate(image[None], size=(32, 32), mode="bilinear", align_corners=False)[0]
    assert torch.equal(prepared(image.numpy(), 1, 32), expected)


@pytest.mark.parametrize("size", [8, 13, 20])
def test_smaller_sizes_are_those_of_pillow(size):
    expected = np.stack(
        [np.asarray(Image.fromarray(c).resize((size, size), Image.Resampling.BILINEAR)) for c in COLOUR]
    )
    assert np.allclose(prepared(COLOUR, 3, size).numpy(), expected, atol=1e-3)


def test_shrinking_takes_all_pixels_that_fall_together():
    board = np.indices((64, 64)).sum(0, keepdims=True).astype(np.float32) % 2
    assert np.allclose(prepared(board, 1, 8), 0.5, atol=0.01)


def test_grey_is_that_of_pillow():
    expected = np.asarray(Image.fromarray(pixels("c", (30, 40))).convert("L"), dtype=np.float32)
    assert np.abs(with_channels(COLOUR, 1)[0] * 255 - expected).max() <= 1


def test_colour_of_grey_is_grey():
    assert np.array_equal(with_channels(GREY, 3), np.concatenate([GREY] * 3))
    assert np.allclose(with_channels(with_channels(GREY, 3), 1), GREY)
