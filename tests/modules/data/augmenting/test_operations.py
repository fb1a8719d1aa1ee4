"""The operations against PIL's, which the authors of RandAugment use, on 8-bit images."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageOps

from modules.data.augmenting.operations import MOVES, OPERATIONS, PAINTS, autocontrast, equalize, operated, sharpness

SIDE = 24
SIZES = (0.1, 0.3, 0.5, 0.9)
PAINTED = [paint.__name__ for paint in PAINTS]
KIND = {name: number for number, name in enumerate([*MOVES, *PAINTED])}


def picture(channels, seed=0):
    """An 8-bit image (S, S, C) with slopes, edges and noise, that uses part of the range only."""
    rng = np.random.default_rng(seed)
    slope = np.linspace(20, 180, SIDE)[:, None, None] + np.zeros((SIDE, SIDE, channels))
    slope[6:15, 9:20] += 40
    return (slope + rng.integers(-15, 16, slope.shape)).astype(np.uint8)


def pil(values):
    return Image.fromarray(values[..., 0] if values.shape[2] == 1 else values)


def ours(name, values, sign, size):
    """What the operation of a name makes of an image of 256 values, in such values."""
    pixels = torch.from_numpy(values).permute(2, 0, 1)[None] / 255
    done = operated(pixels, torch.tensor([KIND[name]]), torch.tensor([sign]), size)
    return 255 * done[0].permute(1, 2, 0).numpy()


def difference(name, values, sign, size, expected):
    return np.abs(ours(name, values, sign, size) - np.asarray(expected).reshape(values.shape)).max()


MOST = {"shear x": 0.3, "shear y": 0.3, "translate x": 150 / 331, "translate y": 150 / 331, "rotate": 30.0}
"""torchvision's ranges."""
every_image = pytest.mark.parametrize("values", [picture(1), picture(3)], ids=["grey", "colour"])
every_sign = pytest.mark.parametrize("sign", [1, -1])
every_size = pytest.mark.parametrize("size", SIZES)


def test_there_are_the_fourteen_of_the_paper():
    assert len(KIND) == OPERATIONS == 14


@every_image
@every_sign
@every_size
@pytest.mark.parametrize(
    ("name", "enhancer"),
    [
        ("brightness", ImageEnhance.Brightness),
        ("contrast", ImageEnhance.Contrast),
        ("colour", ImageEnhance.Color),
        ("sharpness", ImageEnhance.Sharpness),
    ],
)
def test_enhancers_are_pil_s(name, enhancer, values, sign, size):
    """PIL rounds in between, up to half a value, which is then enhanced by up to 1.9."""
    assert difference(name, values, sign, size, enhancer(pil(values)).enhance(1 + 0.9 * sign * size)) < 2


@every_image
@every_size
def test_posterize_is_pil_s(values, size):
    expected = ImageOps.posterize(pil(values), 8 - round(4 * size))
    assert difference("posterize", values, 1, size, expected) < 1e-3


@every_image
@every_size
def test_solarize_is_pil_s(values, size):
    expected = ImageOps.solarize(pil(values), int(255 * (1 - size)) + 1)  # the first value that is inverted
    assert difference("solarize", values, 1, size, expected) < 1e-3


@every_image
def test_autocontrast_is_pil_s(values):
    assert difference("autocontrast", values, 1, 0.5, ImageOps.autocontrast(pil(values))) <= 1  # PIL cuts off


@every_image
def test_equalize_is_pil_s(values):
    assert difference("equalize", values, 1, 0.5, ImageOps.equalize(pil(values))) < 1e-3


def affine_of_pil(values, name, amount):
    """The authors' calls; a turn by `amount` degrees, a shift by a share of the side."""
    if name == "rotate":
        return pil(values).rotate(amount, Image.Resampling.BILINEAR)
    shift = amount * SIDE
    coefficients = {
        "shear x": (1, amount, 0, 0, 1, 0),
        "shear y": (1, 0, 0, amount, 1, 0),
        "translate x": (1, 0, shift, 0, 1, 0),
        "translate y": (1, 0, 0, 0, 1, shift),
    }[name]
    return pil(values).transform((SIDE, SIDE), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)


@every_image
@every_sign
@every_size
@pytest.mark.parametrize(("name", "most"), MOST.items())
def test_moves_are_pil_s(name, most, values, sign, size):
    expected = np.asarray(affine_of_pil(values, name, most * sign * size), dtype=float).reshape(values.shape)
    inside = ours(name, np.full_like(values, 255), sign, size) > 254.9  # PIL does not fade out at the border
    assert inside.mean() > 0.3
    assert np.abs(ours(name, values, sign, size) - expected)[inside].max() < 1.5
    assert (ours(name, values, sign, size)[~inside] < 255).all()


@every_image
@pytest.mark.parametrize(
    "name", [*MOVES, "identity", "brightness", "contrast", "colour", "sharpness", "posterize", "solarize"]
)
def test_size_zero_changes_nothing_but_where_there_is_no_size(name, values):
    assert difference(name, values, 1, 0.0, values) < 1e-3


def test_colour_changes_nothing_on_a_grey_image_but_something_on_another():
    assert difference("colour", picture(1), 1, 0.9, picture(1)) == 0
    assert difference("colour", picture(3), 1, 0.9, picture(3)) > 5


def test_sharpness_is_kornia_s():
    from kornia.enhance import sharpness as theirs

    pixels, signs = torch.rand(4, 3, 9, 9), torch.tensor([1.0, -1.0, 1.0, -1.0])
    assert torch.allclose(sharpness(pixels, signs, 0.7), theirs(pixels, 1 + 0.63 * signs), atol=1e-6)


@pytest.mark.parametrize("operation", [autocontrast, equalize])
def test_a_channel_that_is_the_same_everywhere_stays(operation):
    pixels = torch.full((2, 3, 8, 8), 0.3)
    assert torch.allclose(operation(pixels, torch.ones(2), 0.5), pixels, atol=1e-6)


@settings(max_examples=30)
@given(
    st.lists(st.integers(0, OPERATIONS - 1), min_size=1, max_size=20),
    st.floats(0, 1),
    st.sampled_from([1, 3]),
    st.data(),
)
def test_a_batch_is_its_images_one_by_one_and_stays_within_0_and_1(kinds, size, channels, data):
    signs = torch.tensor(data.draw(st.lists(st.sampled_from([1, -1]), min_size=len(kinds), max_size=len(kinds))))
    pixels = torch.rand(len(kinds), channels, 8, 8, generator=torch.Generator().manual_seed(len(kinds)))
    before = pixels.clone()
    together = operated(pixels, torch.tensor(kinds), signs, size)
    alone = [operated(pixels[[i]], torch.tensor([kind]), signs[[i]], size) for i, kind in enumerate(kinds)]
    assert torch.allclose(together, torch.cat(alone), atol=1e-6)
    assert torch.equal(pixels, before)
    assert together.min() >= 0
    assert together.max() <= 1 + 1e-6
