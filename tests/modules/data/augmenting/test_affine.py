import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from modules.data.augmenting.affine import affine, affine_maps, resampled
from modules.data.settings import Geometry


def drawn(**settings):
    return affine_maps(500, Geometry(**settings), torch.Generator().manual_seed(0))


def test_off_returns_the_images_as_they_are():
    images = torch.rand(3, 1, 8, 8)
    assert affine(images, Geometry(), torch.Generator()) is images


@pytest.mark.parametrize(("share", "pixels"), [(0.25, 2)])
def test_a_shift_moves_by_a_share_of_the_side(share, pixels):
    shifts = drawn(shift=share)[:, :, 2]
    assert shifts.abs().max() <= 2 * share  # the image spans -1 to 1
    assert shifts.abs().max() > 1.8 * share
    assert pixels == share * 8


def test_a_rotation_stays_within_its_degrees_and_keeps_lengths():
    maps = drawn(rotate=15.0)[:, :, :2]
    angles = torch.atan2(maps[:, 1, 0], maps[:, 0, 0]).abs()
    assert angles.max() <= math.radians(15) + 1e-6
    assert angles.max() > math.radians(14)
    assert torch.allclose(torch.linalg.det(maps), torch.ones(500), atol=1e-5)


def test_a_scale_changes_areas_by_its_square():
    areas = 1 / torch.linalg.det(drawn(scale=0.2)[:, :, :2])
    assert areas.min() >= 0.8**2 - 1e-5
    assert areas.max() <= 1.2**2 + 1e-5


def test_a_certain_flip_mirrors_every_image():
    images = torch.rand(4, 3, 8, 8)
    flipped = affine(images, Geometry(flip=1.0), torch.Generator().manual_seed(0))
    assert torch.allclose(flipped, images.flip(3), atol=1e-5)
    assert (drawn(flip=0.5)[:, 0, 0] < 0).double().mean() == pytest.approx(0.5, abs=0.07)


def test_one_setting_does_not_move_another_s_draws():
    alone, together = drawn(shift=0.1), drawn(shift=0.1, rotate=30.0, scale=0.3)
    assert torch.equal(alone[:, :, 2], together[:, :, 2])


def test_the_stream_alone_decides():
    images = torch.rand(4, 1, 8, 8)
    how = Geometry(shift=0.1, rotate=20.0)
    one, other = (affine(images, how, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(one, other)


HOWS = st.builds(
    Geometry, shift=st.floats(0, 1), rotate=st.floats(0, 180), scale=st.floats(0, 0.9), flip=st.floats(0, 1)
)


@given(HOWS)
def test_pixels_stay_within_what_was_there_and_the_input_stays_as_it_was(how):
    images = torch.rand(6, 2, 8, 8)
    before = images.clone()
    changed = affine(images, how, torch.Generator().manual_seed(1))
    assert torch.equal(images, before)
    assert changed.shape == images.shape
    assert (changed.amax((2, 3)) <= images.amax((2, 3)) + 1e-5).all()
    assert (changed.amin((2, 3)) >= images.amin((2, 3)) - 1e-5).all()


@given(HOWS, HOWS)
def test_every_setting_takes_the_same_number_of_draws(one, other):
    """So what comes next from the stream does not depend on which settings are on."""
    generators = [torch.Generator().manual_seed(2) for _ in range(2)]
    for how, generator in zip((one, other), generators, strict=True):
        affine_maps(5, how, generator)
    assert torch.equal(generators[0].get_state(), generators[1].get_state())


def test_a_shift_by_whole_pixels_is_a_shift_by_whole_pixels(monkeypatch):
    """A draw at its upper end moves the picture up and left by the whole share, and the border is repeated."""
    monkeypatch.setattr(torch, "rand", lambda *size, generator: torch.ones(*size))
    images = torch.arange(64.0).view(1, 1, 8, 8)
    moved = affine(images, Geometry(shift=0.25), torch.Generator())
    assert torch.allclose(moved[:, :, :6, :6], images[:, :, 2:, 2:], atol=1e-4)
    assert torch.allclose(moved[:, :, 6:, :6], images[:, :, 7:, 2:].expand(1, 1, 2, 6), atol=1e-4)


def test_a_quarter_turn_is_a_quarter_turn(monkeypatch):
    images = torch.rand(2, 1, 8, 8)
    monkeypatch.setattr(torch, "rand", lambda *size, generator: torch.ones(*size))
    turned = affine(images, Geometry(rotate=90.0), torch.Generator())
    assert torch.allclose(turned, images.rot90(1, (2, 3)), atol=1e-4)


@pytest.mark.parametrize("padding", ["border", "zeros"])
def test_images_are_resampled_where_torch_says(padding):
    maps = drawn(shift=0.2, rotate=40.0, scale=0.3, flip=0.5)[:20]
    images = torch.rand(20, 3, 9, 9)
    grid = F.affine_grid(maps, list(images.shape), align_corners=False)
    expected = F.grid_sample(images, grid, padding_mode=padding, align_corners=False)
    assert torch.allclose(resampled(images, maps, padding), expected, atol=1e-5)
