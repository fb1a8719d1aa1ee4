import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from modules.data.augmenting.cutout import cutout

FILL = torch.tensor([-1.0, -2.0])[:, None, None]


def generator():
    return torch.Generator().manual_seed(0)


def holes(share, count=400, side=8):
    """Where images were erased, as (count, side, side)."""
    return cutout(torch.ones(count, 1, side, side), share, torch.zeros(1, 1, 1), generator())[:, 0] == 0


def test_off_returns_the_images_as_they_are():
    images = torch.rand(3, 1, 8, 8)
    assert cutout(images, 0.0, FILL, generator()) is images


def authors(image, row, column, length):
    """The authors' own rule, for an even length: clipped on each side."""
    side = image.shape[-1]
    top, bottom = np.clip(row - length // 2, 0, side), np.clip(row + length // 2, 0, side)
    left, right = np.clip(column - length // 2, 0, side), np.clip(column + length // 2, 0, side)
    erased = image.clone()
    erased[:, top:bottom, left:right] = FILL
    return erased


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_an_image_is_erased_as_the_authors_do_it(share):
    images = torch.rand(50, 2, 8, 8)
    rows, columns = torch.randint(8, (2, 50, 1), generator=generator()).squeeze(2).tolist()
    expected = [authors(*drawn, round(8 * share)) for drawn in zip(images, rows, columns, strict=True)]
    assert torch.equal(cutout(images, share, FILL, generator()), torch.stack(expected))


@pytest.mark.parametrize(("share", "length"), [(0.25, 2), (0.375, 3), (0.01, 1), (1.0, 8)])
def test_the_hole_is_a_square_that_may_stick_out_over_the_border(share, length):
    heights, widths = holes(share).any(2).sum(1), holes(share).any(1).sum(1)
    assert torch.equal(holes(share).sum((1, 2)), heights * widths)
    assert heights.max() == widths.max() == length
    assert heights.min() == widths.min() == (length + 1) // 2


def test_every_pixel_is_a_centre_equally_often():
    counts = holes(0.01, count=64 * 200).sum(0)
    assert counts.numpy() == pytest.approx(np.full((8, 8), 200), abs=60)


@given(st.floats(0, 1))
def test_the_input_stays_as_it_was_and_what_is_not_erased_too(share):
    images = torch.rand(6, 2, 8, 8)
    before = images.clone()
    erased = cutout(images, share, FILL, generator())
    assert torch.equal(images, before)
    assert ((erased == images) | (erased == FILL)).all()
