"""A data set as its reader hands it over: labels and parts in memory, images one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from modules.data.facts import DataFacts, Sizes

if TYPE_CHECKING:
    from modules.data.settings import Data
    from modules.data.usable import Usable


class Pixels(Protocol):
    """Where images come from, by number; several threads may ask at a time."""

    def image(self, index: int, size: int) -> np.ndarray:
        """An image (C, H, W) of its own size, float32; twice `size` or more where a smaller one is quicker to make.

        Raises ValueError, naming the image, where it cannot be read.
        """


@dataclass(frozen=True)
class ImageSet:
    """Images, their labels, and the parts in which they came."""

    facts: DataFacts
    labels: np.ndarray
    """(N,), int64, 0 to K - 1; where the task is another, (N, H, W), a class for every pixel, or (N, M, 5), boxes
    and the class of each, as `annotated.py` has them."""
    ready: Mapping[str, np.ndarray]
    """Indices of `train`, `test`, and perhaps `val`; empty where all are to be split."""
    kept: np.ndarray
    """(N,): the numbers that `pixels` knows the images by."""
    pixels: Pixels

    def image(self, index: int, size: int) -> np.ndarray:
        """Image `index` of the N as (C, H, W), float32."""
        return self.pixels.image(int(self.kept[index]), size)


def image_set(data: Data, source: str, checksum: str, channels: int, usable: Usable, pixels: Pixels) -> ImageSet:
    """Puts together what a reader found; `channels` are those of the images as they are."""
    ready = {str(part): np.flatnonzero(usable.parts == part) for part in np.unique(usable.parts) if part}
    split = usable.labels[ready["train"]] if ready else usable.labels
    facts = DataFacts(
        source=source,
        checksum=checksum,
        images=len(usable.labels),
        classes=len(usable.class_names),
        channels=data.channels or channels,
        class_names=usable.class_names,
        counts=tuple(np.bincount(split, minlength=len(usable.class_names)).tolist()),
        ready=Sizes(*(len(ready.get(part, ())) for part in ("train", "val", "test"))) if ready else None,
        skipped=usable.skipped,
    )
    return ImageSet(facts, usable.labels, ready, usable.kept, pixels)
