"""A few test images with the true and the found class of every pixel, small enough to lie in a run's record."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image

MOST = 6
"""Images that are kept."""
LARGEST = 128
"""Pixels a side to which larger ones are made smaller."""
COLOURS = (
    (32, 32, 32), (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0),
    (204, 121, 167), (153, 153, 153), (255, 255, 255), (120, 60, 0),
)  # fmt: skip
"""Of the classes of pixels, the background's first: those of Okabe and Ito (2008) and a few more, then over again."""


def mask_pictures(
    pixels: torch.Tensor, true: torch.Tensor, found: torch.Tensor, names: Sequence[str]
) -> tuple[dict[str, Any], ...]:
    """Images (N, C, S, S) of pixels from 0 to 1 with their masks (N, S, S), true and found, as PNGs in text, and the
    classes that are there and that were found."""
    return tuple(
        {
            "png": png(np.moveaxis((255 * image).round().clamp(0, 255).to(torch.uint8).numpy(), 0, -1)),
            "side": image.shape[-1],
            "masks": [png(coloured(mask.numpy())) for mask in masks],
            "true": _named(masks[0], names),
            "found": _named(masks[1], names),
        }
        for image, *masks in zip(pixels.cpu(), true.cpu(), found.cpu(), strict=True)
    )


def coloured(mask: np.ndarray) -> np.ndarray:
    """A mask (S, S) as a picture (S, S, 3), uint8."""
    return np.array(COLOURS, dtype=np.uint8)[mask % len(COLOURS)]


def png(pixels: np.ndarray) -> str:
    """A picture (S, S, C), uint8, as text in base 64; larger ones are made smaller."""
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else np.ascontiguousarray(pixels))
    if max(picture.size) > LARGEST:
        picture = picture.resize((LARGEST, LARGEST), Image.Resampling.NEAREST)
    picture.save(written := io.BytesIO(), "PNG", optimize=True)
    return base64.b64encode(written.getvalue()).decode()


def _named(mask: torch.Tensor, names: Sequence[str]) -> list[str]:
    """The classes in a mask, without the background."""
    return [names[label] for label in mask.unique().tolist() if label]
