"""Images made alike: as many channels and pixels as the recipe asks for, each by itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional as F

from modules.data.images import ImageSet
from modules.data.source import images_and_labels
from modules.data.threads import in_threads

if TYPE_CHECKING:
    from modules.data.settings import Data

GREYNESS = np.array([0.299, 0.587, 0.114], dtype=np.float32)[:, None, None]
"""What red, green and blue add to the brightness (ITU-R BT.601)."""


@lru_cache(maxsize=1)
def all_prepared(source: Data, size: int) -> torch.Tensor:
    """All images of a recipe's `data.source` as (N, C, S, S), not yet normalised."""
    images = images_and_labels(source)
    facts = images.facts
    found = torch.empty(facts.images, facts.channels, size, size)

    def put(index: int) -> None:
        found[index] = prepared_image(images, index, size)

    in_threads(put, facts.images)
    return found


def prepared_image(images: ImageSet, index: int, size: int) -> torch.Tensor:
    """Image `index` as (C, S, S), not yet normalised."""
    return prepared(images.image(index, size), images.facts.channels, size)


def prepared(image: np.ndarray, channels: int, size: int) -> torch.Tensor:
    """An image (C, H, W), float32, as (`channels`, `size`, `size`): grey or colour, stretched to a square.

    Resampled bilinearly; where a side shrinks, over all the pixels that fall together, lest noise remain.
    """
    alike = torch.from_numpy(with_channels(image, channels))
    if alike.shape[1:] == (size, size):
        return alike
    shrinks = max(alike.shape[1:]) > size
    square = F.interpolate(alike[None], size=(size, size), mode="bilinear", align_corners=False, antialias=shrinks)
    return square[0]


def with_channels(image: np.ndarray, channels: int) -> np.ndarray:
    """Grey from colour by brightness, colour from grey by repetition."""
    if len(image) == channels:
        return image
    return image.repeat(3, axis=0) if channels == 3 else (image * GREYNESS).sum(0, keepdims=True)
