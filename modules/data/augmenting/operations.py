"""The 14 operations of RandAugment, on pixels from 0 to 1.

Each takes a size, which is the magnitude as a share of 30, and signs (N,) of 1 and -1 on the images' device, which say
which of two ways it goes. What the size means is taken from torchvision; unlike in the authors' code, solarize and
posterize get stronger with it, as all others do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import torch
from kornia import enhance
from torch.nn import functional as F

from modules.data.augmenting.affine import resampled

MOVES = ("shear x", "shear y", "translate x", "translate y", "rotate")
SHEAR, TRANSLATE, ROTATE = 0.3, 150 / 331, math.radians(30)
"""At size 1: pixels per pixel, a share of the side, an angle."""
ENHANCE = 0.9
"""How far the factors of brightness, contrast, colour and sharpness lie from 1 at size 1."""


@cache
def maps_of(size: float) -> torch.Tensor:
    """The maps from output to input positions of all MOVES, one way and the other, in units where the image spans -1
    to 1, as (2, 5, 2, 3). Shears leave the upper left corner in its place, as in the authors' code.
    """
    return torch.tensor([_maps_one_way(size), _maps_one_way(-size)])


def _maps_one_way(size: float) -> list[list[list[float]]]:
    shear, shift = SHEAR * size, 2 * TRANSLATE * size
    cos, sin = math.cos(ROTATE * size), math.sin(ROTATE * size)
    return [
        [[1, shear, shear], [0, 1, 0]],
        [[1, 0, 0], [shear, 1, shear]],
        [[1, 0, shift], [0, 1, 0]],
        [[1, 0, 0], [0, 1, shift]],
        [[cos, -sin, 0], [sin, cos, 0]],
    ]


def identity(pixels: torch.Tensor, signs: torch.Tensor, size: float) -> torch.Tensor:
    return pixels


def brightness(pixels: torch.Tensor, signs: torch.Tensor, size: float) -> torch.Tensor:
    return enhance.adjust_brightness_accumulative(pixels, 1 + ENHANCE * size * signs)


def contrast(pixels: torch.Tensor, signs: torch.Tensor, size: float) -> torch.Tensor:
    return enhance.adjust_contrast_with_mean_subtraction(pixels, 1 + ENHANCE * size * signs)


def colour(pixels: torch.Tensor, signs: torch.Tensor, size: float) -> torch.Tensor:
    """Saturation, of which a grey image has none: it stays as it is."""
    return enhance.adjust_saturation_with_gray_subtraction(pixels, 1 + ENHANCE * size * signs)


def sharpness(pixels: torch.Tensor, signs: torch.Tensor, size: float) -> torch.Tensor:
    """Away from, or towards, a smoothed image, whose 3 x 3 kernel is 1 but for a 5 in the middle; borders stay.

    As kornia's, in a third of its time: the kernel is a mean and four times the pixel itself.
    """
    inner = pixels[:, :, 1:-1, 1:-1]
    detail = inner - F.avg_pool2d(pixels, 3, stride=1)
    sharper = pixels.clone()
    sharper[:, :, 1:-1, 1:-1] = (inner + (ENHANCE * size * 9 / 13) * signs.view(-1, 1, 1, 1) * detail).clamp(0, 1)
    return sharper


def posterize(pixels: torch.Tensor, signs: torch.Tensor, size: float) -> torch.Tensor:
    """Keeps the upper bits of the 8 of every pixel: all at size 0, four at size 1."""
    step = 2 ** round(4 * size)
    return (255 * pixels).round().div(step, rounding_mode="floor") * (step / 255)


def solarize(pixels: torch.Tensor, signs: torch.Tensor, size: float) -> torch.Tensor:
    """Inverts what is brighter than a limit: nothing at size 0, everything at size 1."""
    return torch.where(pixels > 1 - size, 1 - pixels, pixels)


def autocontrast(pixels: torch.Tensor, signs: torch.Tensor, size: float) -> torch.Tensor:
    """Stretches each channel to the whole range, but for one that is the same everywhere."""
    low, high = pixels.amin((2, 3), keepdim=True), pixels.amax((2, 3), keepdim=True)
    return torch.where(high > low, (pixels - low) / (high - low), pixels)


def equalize(pixels: torch.Tensor, signs: torch.Tensor, size: float) -> torch.Tensor:
    """Spreads the 256 values of each channel evenly, as PIL does.

    Counted in whole numbers: kornia's sums of floats have no deterministic kernel on a GPU.
    """
    values = (255 * pixels).round().long().flatten(0, 1).flatten(1)
    channel = 256 * torch.arange(len(values), device=values.device)[:, None]
    counts = (channel + values).flatten().bincount(minlength=256 * len(values)).view(-1, 256)
    brightest = counts.gather(1, values.amax(1, keepdim=True))
    step = (values.shape[1] - brightest) // 255
    table = (counts.cumsum(1) - counts + step // 2) // step.clamp(min=1)
    even = table.clamp(max=255).gather(1, values).view_as(pixels) / 255
    return torch.where((step > 0).view(*pixels.shape[:2], 1, 1), even, pixels)


PAINTS: tuple[Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor], ...] = (
    identity, brightness, contrast, colour, sharpness, posterize, solarize, autocontrast, equalize,
)  # fmt: skip
OPERATIONS = len(MOVES) + len(PAINTS)


def operated(pixels: torch.Tensor, kinds: torch.Tensor, signs: torch.Tensor, size: float) -> torch.Tensor:
    """Each of `pixels` (N, C, S, S) after the operation of its number, of MOVES and then PAINTS.

    `kinds` and `signs` (N,) lie on the CPU.
    """
    kinds, order = kinds.sort(stable=True)
    places = order.to(pixels.device)
    done = _operated_in_order(pixels[places], kinds, signs[order], size)
    return torch.empty_like(pixels).index_copy_(0, places, done)


def _operated_in_order(pixels: torch.Tensor, kinds: torch.Tensor, signs: torch.Tensor, size: float) -> torch.Tensor:
    """The same for images that lie in the order of their operations, so that each is done once to all that have drawn
    it, and the moves as one. What a move brings in from outside is black."""
    counts = kinds.bincount(minlength=OPERATIONS).tolist()
    moving = sum(counts[: len(MOVES)])
    sizes = [moving, *counts[len(MOVES) :]]
    moved, *painted = pixels.split(sizes)
    maps = maps_of(size)[(signs[:moving] < 0).long(), kinds[:moving]]
    done = [resampled(moved, maps, padding="zeros")] if moving else []
    for paint, group, way in zip(PAINTS, painted, signs.to(pixels).split(sizes)[1:], strict=True):
        done += [paint(group, way, size)] if group.numel() else []
    return torch.cat(done)
