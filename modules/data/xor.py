"""XOR as data (Minsky and Papert 1969): the smallest problem that a single perceptron cannot solve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from modules.data.arrays import Arrays
from modules.data.generated import Points
from modules.data.images import ImageSet, image_set
from modules.data.source import checksum
from modules.data.usable import usable

if TYPE_CHECKING:
    from modules.data.settings import Data

SOURCE = "made here: exclusive or (Minsky and Papert 1969, Perceptrons)"


def read(data: Data) -> ImageSet:
    """Points as images of one pixel and two channels."""
    points, labels = make_points(Points.model_validate(dict(data.arguments)))
    left = usable(data, labels, np.repeat("", len(labels)), [])
    return image_set(data, SOURCE, checksum(points, labels), 2, left, Arrays({"": points[:, :, None, None]}))


def make_points(settings: Points) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates (N, 2), float32, and classes (N,): 1 where just one of the coordinates of the corner is 1."""
    corners = np.arange(settings.points) % 4
    bits = np.stack([corners // 2, corners % 2], axis=1)
    moved = np.random.default_rng(settings.seed).normal(scale=settings.spread, size=bits.shape)
    return (bits + moved).astype(np.float32), bits[:, 0] ^ bits[:, 1]
