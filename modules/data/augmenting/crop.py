"""Random crops out of a black border."""

from __future__ import annotations

import torch

from modules.data.normal import Normal


def crop(images: torch.Tensor, share: float, normal: Normal, generator: torch.Generator) -> torch.Tensor:
    """Puts a border around each of `images` (N, C, S, S) and cuts a window of the old size out of it, at a place of
    its own (He et al. 2016): a shift by whole pixels.

    `share` is the border's width as a share of the side, at least one pixel unless it is 0. The border is black as a
    pixel, which `normal` says the value of.
    """
    if not share:
        return images
    side = images.shape[-1]
    border = max(1, round(share * side))
    top, left = torch.randint(2 * border + 1, (2, len(images)), generator=generator).to(images.device)
    windows = bordered(images, border, normal).unfold(2, side, 1).unfold(3, side, 1)
    return windows[torch.arange(len(images), device=images.device), :, top, left]


def bordered(images: torch.Tensor, border: int, normal: Normal) -> torch.Tensor:
    """Images (N, C, S + 2 border, S + 2 border) with a black border."""
    count, channels, height, width = images.shape
    black = normal.done(images.new_zeros(channels, 1, 1))
    canvas = black.expand(count, channels, height + 2 * border, width + 2 * border).clone()
    canvas[:, :, border:-border, border:-border] = images
    return canvas
