"""Mean and spread of each channel over the training images, to the same bits however the images are fetched."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from modules.data.source import images_and_labels
from modules.data.threads import in_threads

if TYPE_CHECKING:
    from modules.data.settings import Data


class Normal(NamedTuple):
    """Mean and spread of each channel, (C, 1, 1)."""

    mean: torch.Tensor
    spread: torch.Tensor

    def apply_(self, images: torch.Tensor) -> torch.Tensor:
        """Normalises images (..., C, S, S) where they lie."""
        return images.sub_(self.mean).div_(self.spread)

    def undone(self, images: torch.Tensor) -> torch.Tensor:
        """The pixels that normalised images came from."""
        return images * self.spread.to(images) + self.mean.to(images)

    def done(self, pixels: torch.Tensor) -> torch.Tensor:
        """Normalised images of pixels."""
        return (pixels - self.mean.to(pixels)) / self.spread.to(pixels)

    @property
    def identity(self) -> Normal:
        """The one that leaves pixels as they are."""
        return Normal(torch.zeros_like(self.mean), torch.ones_like(self.spread))


def normal_of(source: Data, size: int, chosen: np.ndarray, image: Callable[[int], torch.Tensor]) -> Normal:
    """Mean and spread over the `chosen` images at `size` pixels; `image` fetches one by its number, as (C, S, S).

    No image of a source is looked at twice in a process.
    """
    known = _known_moments(source, size)
    todo = chosen[np.isnan(known[chosen, 0, 0])]
    if len(todo):
        known[todo] = in_threads(lambda place: moments(image(int(todo[place]))), len(todo))
    return mean_and_spread(known[chosen], size * size)


@lru_cache(maxsize=4)
def _known_moments(source: Data, size: int) -> np.ndarray:
    """(N, 2, C), to be filled in; nan where nobody looked yet."""
    facts = images_and_labels(source).facts
    return np.full((facts.images, 2, facts.channels), np.nan)


def moments(image: torch.Tensor) -> np.ndarray:
    """Mean, and sum of squared distances from it, of each channel of an image (C, S, S), as (2, C) in float64."""
    pixels = image.flatten(1).numpy().astype(np.float64)
    mean = pixels.mean(1)
    return np.stack([mean, ((pixels - mean[:, None]) ** 2).sum(1)])


def mean_and_spread(moments: np.ndarray, pixels: int) -> Normal:
    """Mean and standard deviation over images of `pixels` pixels with these moments (N, 2, C) (Chan et al. 1983).

    The spread of a channel that is the same everywhere is taken as 1.
    """
    means, squares = moments[:, 0], moments[:, 1]
    mean = means.mean(0)
    squared = squares.sum(0) + pixels * ((means - mean) ** 2).sum(0)
    spread = np.sqrt(squared / max(pixels * len(means) - 1, 1))
    spread[spread == 0] = 1
    return Normal(_by_channel(mean), _by_channel(spread))


def _by_channel(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values.astype(np.float32))[:, None, None]
