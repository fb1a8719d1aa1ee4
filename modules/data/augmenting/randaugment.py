"""RandAugment: operations drawn at random for every image."""

from __future__ import annotations

import torch

from modules.data.normal import Normal
from modules.data.settings import RandAugment


def randaugment(images: torch.Tensor, how: RandAugment, normal: Normal, generator: torch.Generator) -> torch.Tensor:
    """Does `how.operations` operations to each of `images` (N, C, S, S), drawn with replacement from 14 for every
    image by itself, all at one magnitude, each way equally often where there are two (Cubuk et al. 2020).

    They are done to pixels from 0 to 1, which `normal` says how to get to and back from.
    """
    if not how.operations:
        return images
    from modules.data.augmenting.operations import OPERATIONS, operated  # not before: it loads kornia

    pixels = normal.undone(images).clamp(0, 1)
    kinds = torch.randint(OPERATIONS, (how.operations, len(images)), generator=generator)
    signs = 2 * torch.randint(2, (how.operations, len(images)), generator=generator) - 1
    for kind, sign in zip(kinds, signs, strict=True):
        pixels = operated(pixels, kind, sign, how.magnitude / 30)
    return normal.done(pixels)
