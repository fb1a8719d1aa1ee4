"""Whether a network paints a pattern of its own onto what it makes larger (Odena et al. 2016)."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch.nn import functional as F

IMAGES = 8
"""So many test images are enough: the pattern is the network's, and is hardly another from image to image."""
MARGIN = 64
"""Least pixels around the part that is looked at, so that it sees nothing of the border."""

Predict = Callable[[torch.Tensor], torch.Tensor]
"""Images (N, C, S, S) to logits (N, K, S, S)."""


@torch.no_grad()
def checkerboard(predict: Predict, images: torch.Tensor) -> float | None:
    """How much logits vary from pixel to pixel where the image does not, as a share of how much they do over images.

    Each of `images` (N, C, S, S) gives a plain canvas of its mean colour, larger than it on all sides. In the middle
    nothing but the grids that maps were made larger on tells one pixel from another. The standard deviation over
    these pixels is divided by that over the pixels of the images themselves, both of logits less their mean over
    classes, and pooled over images and classes. 0: no pattern; 1: it is as strong as what the images make. None where
    the network takes no larger images, or makes numbers that are not finite.
    """
    size = images.shape[-1]
    margin = max(size, MARGIN)
    plain = F.interpolate(images.mean((2, 3), keepdim=True), size=(size + 2 * margin,) * 2)
    try:
        logits = predict(plain)
    except torch.OutOfMemoryError:
        raise
    except Exception:  # whatever the code of others raises where it needs another size
        return None
    if logits.shape[2:] != plain.shape[2:]:
        return None
    pattern = _variance(logits[..., margin:-margin, margin:-margin])
    strength = float((pattern / _variance(predict(images))).sqrt()) if pattern else 0.0
    return strength if math.isfinite(strength) else None


def _variance(logits: torch.Tensor) -> torch.Tensor:
    """Over the pixels, of logits less their mean over classes, which no probability knows of."""
    return (logits - logits.mean(1, keepdim=True)).double().var((2, 3), correction=0).mean()
