"""How well the boundaries of predicted masks lie, which mean IoU hardly sees where masks are large."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

SHARE = 0.02
"""How far from its boundary a mask is looked at, as a share of the image's diagonal (Cheng et al. 2021)."""


def band_width(size: int) -> int:
    """Pixels from the boundary inwards in square images of `size` pixels, 1 at least."""
    return max(1, round(SHARE * math.hypot(size, size)))


def bands(masks: torch.Tensor, classes: int, width: int) -> torch.Tensor:
    """Of masks (N, S, S) the pixels (N, classes, S, S) of each class that are no more than `width` from one that is of
    another class or outside the image, diagonals counting as one."""
    whole = F.one_hot(masks, classes).movedim(-1, 1)
    others = F.pad(1.0 - whole, [width] * 4, value=1.0)
    return (whole * F.max_pool2d(others, 2 * width + 1, stride=1)).bool()


class Boundaries:
    """Boundary IoU (Cheng et al. 2021, Boundary IoU): intersection over union of the bands along the boundaries of true
    and predicted masks."""

    def __init__(self) -> None:
        self.hits: torch.Tensor | float = 0.0
        self.union: torch.Tensor | float = 0.0

    def add(self, loss: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> None:
        width = band_width(logits.shape[-1])
        true, found = (bands(masks, logits.shape[1], width) for masks in (labels, logits.argmax(1)))
        self.hits = self.hits + (true & found).sum((0, 2, 3)).double()
        self.union = self.union + (true | found).sum((0, 2, 3)).double()

    @property
    def quality(self) -> float:
        """In percent, the mean over the classes that are there or are found, over all images together."""
        assert isinstance(self.union, torch.Tensor)
        return 100 * float((self.hits / self.union)[self.union > 0].mean())
