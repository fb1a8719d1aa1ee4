"""Cutout: a square of every image is erased."""

from __future__ import annotations

import torch


def cutout(images: torch.Tensor, share: float, fill: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Fills a square of each of `images` (N, C, S, S), at a place of its own, with `fill` (C, 1, 1) (DeVries and
    Taylor 2017).

    `share` is the square's side as a share of the image's, at least one pixel unless it is 0. Every pixel is the
    centre equally often, so that squares stick out over the border, as in the paper; it calls that important.
    """
    if not share:
        return images
    side = images.shape[-1]
    length = max(1, round(share * side))
    centres = torch.randint(side, (2, len(images), 1), generator=generator).to(images.device)
    rows, columns = _between(centres - length // 2, length, side)
    return torch.where((rows[:, :, None] & columns[:, None, :])[:, None], fill.to(images), images)


def _between(start: torch.Tensor, length: int, side: int) -> torch.Tensor:
    """Which of the positions 0 to `side` lie in the `length` from `start` (2, N, 1) on, as (2, N, side)."""
    places = torch.arange(side, device=start.device)
    return (places >= start) & (places < start + length)
