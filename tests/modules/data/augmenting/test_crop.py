import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from modules.data.augmenting.crop import bordered, crop
from modules.data.normal import Normal

NORMAL = Normal(torch.tensor([0.2, 0.5, 0.7])[:, None, None], torch.tensor([0.3, 0.1, 0.2])[:, None, None])


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def images(count=6, side=8):
    return NORMAL.done(torch.rand(count, 3, side, side, generator=generator(1)))


def test_off_returns_the_images_as_they_are():
    given_images = images()
    assert crop(given_images, 0.0, NORMAL, generator()) is given_images


def test_the_border_is_black_as_a_pixel_and_the_picture_stays_in_the_middle():
    pixels = NORMAL.undone(bordered(images(), 2, NORMAL))
    expected = np.pad(NORMAL.undone(images()).numpy(), ((0, 0), (0, 0), (2, 2), (2, 2)))
    assert np.allclose(pixels.numpy(), expected, atol=1e-6)


@pytest.mark.parametrize(("share", "border"), [(0.125, 1), (0.5, 4), (0.01, 1)])
def test_each_image_is_a_window_of_its_old_size_out_of_its_bordered_self(share, border):
    cropped = crop(images(), share, NORMAL, generator())
    canvas = bordered(images(), border, NORMAL).numpy()
    windows = np.lib.stride_tricks.sliding_window_view(canvas, (8, 8), axis=(2, 3))
    for image, of_image in zip(cropped.numpy(), windows, strict=True):
        candidates = of_image.transpose(1, 2, 0, 3, 4).reshape(-1, *image.shape)
        assert len(candidates) == (2 * border + 1) ** 2
        assert (candidates == image).all((1, 2, 3)).any()


def test_every_place_is_drawn_equally_often_and_for_every_image_by_itself():
    """A single bright pixel in the middle says where the window was."""
    raw = Normal(torch.zeros(1, 1, 1), torch.ones(1, 1, 1))
    dot = torch.zeros(9000, 1, 7, 7)
    dot[:, :, 3, 3] = 1
    counts = crop(dot, 1 / 7, raw, generator()).sum((0, 1))
    assert counts.count_nonzero() == 9
    assert counts[2:5, 2:5].numpy() == pytest.approx(np.full((3, 3), 1000), abs=130)


@given(st.floats(0, 1, exclude_max=True))
def test_the_input_stays_as_it_was(share):
    given_images = images()
    crop(given_images, share, NORMAL, generator())
    assert torch.equal(given_images, images())
