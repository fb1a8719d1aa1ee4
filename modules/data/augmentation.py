"""Augmentation: one random affine map per image, resampled bilinearly."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

from modules.recipe import Augmentation


def augment(images: torch.Tensor, how: Augmentation, generator: torch.Generator) -> torch.Tensor:
    """Shifts, turns, scales and flips each of `images` (N, C, S, S) by its own draw; what comes in from outside
    repeats the border. All settings at zero return the images as they are.
    """
    if how.off:
        return images
    maps = affine_maps(len(images), how, generator).to(images.device, images.dtype)
    grid = F.affine_grid(maps, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def affine_maps(count: int, how: Augmentation, generator: torch.Generator) -> torch.Tensor:
    """The maps (count, 2, 3) from output to input positions, in units where the image spans -1 to 1.

    Every draw is made whatever the settings, so that one setting does not move another's draws.
    """
    draws = torch.rand(5, count, generator=generator)
    angle = (2 * draws[0] - 1) * math.radians(how.rotate)
    size = 1 + (2 * draws[1] - 1) * how.scale
    mirror = torch.where(draws[2] < how.flip, -1.0, 1.0)
    shift = 2 * how.shift * (2 * draws[3:] - 1)
    cos, sin = angle.cos() / size, angle.sin() / size
    rows = torch.stack([cos * mirror, -sin, shift[0], sin * mirror, cos, shift[1]], dim=1)
    return rows.view(count, 2, 3)
