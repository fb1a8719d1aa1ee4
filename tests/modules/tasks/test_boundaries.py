"""Boundary IoU against scipy's erosion, and on masks whose answer is plain."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from modules.tasks.boundaries import Boundaries, band_width, bands


def blobs(count: int, size: int, classes: int) -> torch.Tensor:
    """Masks of smooth patches."""
    noise = np.random.default_rng(0).normal(size=(count, classes, size, size))
    return torch.from_numpy(ndimage.gaussian_filter(noise, (0, 0, 3, 3)).argmax(1))


def scipys(masks: torch.Tensor, label: int, width: int) -> np.ndarray:
    whole = masks.numpy() == label
    square = np.ones((1, 3, 3), dtype=bool)
    return whole & ~ndimage.binary_erosion(whole, square, iterations=width, border_value=0)


@pytest.mark.parametrize("width", [1, 2, 4])
def test_bands_are_what_an_erosion_takes_away(width):
    masks = blobs(3, 24, 4)
    found = bands(masks, 4, width)
    for label in range(4):
        assert np.array_equal(found[:, label].numpy(), scipys(masks, label, width))


def test_the_quality_is_intersection_over_union_of_scipys_bands():
    true, found = blobs(4, 40, 3), blobs(4, 40, 3).roll(1, dims=2)
    tally, width = Boundaries(), band_width(40)
    for some in (slice(0, 3), slice(3, 4)):
        tally.add(torch.tensor(0.0), torch.nn.functional.one_hot(found[some], 3).movedim(-1, 1), true[some])
    pairs = [(scipys(true, label, width), scipys(found, label, width)) for label in range(3)]
    assert tally.quality == pytest.approx(100 * np.mean([(a & b).sum() / (a | b).sum() for a, b in pairs]))


@pytest.mark.parametrize(("size", "width"), [(24, 1), (48, 1), (64, 2), (512, 14)])
def test_the_band_is_2_percent_of_the_diagonal_wide(size, width):
    assert band_width(size) == width


def test_a_shift_by_one_pixel_costs_the_boundary_far_more_than_the_mask():
    true = torch.zeros(1, 64, 64, dtype=torch.long)
    true[:, 10:50, 10:50] = 1
    tally = Boundaries()
    tally.add(torch.tensor(0.0), torch.nn.functional.one_hot(true.roll(1, dims=2), 2).movedim(-1, 1), true)
    assert tally.quality < 80 < 95 < 100 * 39 / 41
