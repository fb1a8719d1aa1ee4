"""Shifts, turns, scales and flips: one random affine map per image, resampled bilinearly."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch.nn import functional as F

from modules.data.settings import Geometry


def affine(
    images: torch.Tensor, how: Geometry, generator: torch.Generator, mode: Literal["bilinear", "nearest"] = "bilinear"
) -> torch.Tensor:
    """Shifts, turns, scales and flips each of `images` (N, C, S, S) by its own draw (Simard et al. 2003); what comes
    in from outside repeats the border. `mode` says what becomes of a place between pixels.
    """
    if not (how.shift or how.rotate or how.scale or how.flip):
        return images
    return resampled(images, affine_maps(len(images), how, generator), "border", mode)


def affine_maps(count: int, how: Geometry, generator: torch.Generator) -> torch.Tensor:
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


def resampled(images: torch.Tensor, maps: torch.Tensor, padding: str, mode: str = "bilinear") -> torch.Tensor:
    """Images (N, C, S, S) seen through maps (N, 2, 3) from output to input positions; `padding` and `mode` as of
    grid_sample."""
    grid = _grid(maps.to(images), images.shape[-1])
    return F.grid_sample(images, grid, mode=mode, padding_mode=padding, align_corners=False)


def _grid(maps: torch.Tensor, side: int) -> torch.Tensor:
    """The positions (N, S, S, 2) that pixels come from: F.affine_grid in a quarter of its time, which multiplies image
    by image."""
    places = torch.linspace(1 / side - 1, 1 - 1 / side, side, device=maps.device, dtype=maps.dtype)
    down, across = torch.meshgrid(places, places, indexing="ij")
    pixels = torch.stack([across, down, torch.ones_like(down)]).flatten(1)
    return (maps @ pixels).view(-1, 2, side, side).permute(0, 2, 3, 1)
