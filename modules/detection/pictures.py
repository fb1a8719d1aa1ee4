"""A few images with what is there and what was found, small enough to lie in a run's record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from modules.detection.evaluation import Found
from modules.detection.galleries import Gallery
from modules.detection.proposals import as_bytes
from modules.tasks.pictures import MOST, png


def pictures(gallery: Gallery, found: Found, names: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """The first images of a part: a PNG as text; boxes in pixels of `side` and their classes, true and found. Of what
    was found, as many boxes as there are things, the best ones."""
    images = gallery.images[:MOST]
    return tuple(_picture(image, gallery.truth[number], found, number, names) for number, image in enumerate(images))


def _picture(image: torch.Tensor, truth: np.ndarray, found: Found, number: int, names: Sequence[str]) -> dict[str, Any]:
    things = truth[truth[:, 4] >= 0]
    rows = np.flatnonzero(found.image == number)
    best = rows[np.argsort(-found.scores[rows], kind="stable")[: len(things)]]
    return {
        "png": png(np.moveaxis(as_bytes(image), 0, -1)),
        "side": image.shape[-1],
        "true": [[*map(float, box), names[int(label)]] for *box, label in things.tolist()],
        "found": [
            [
                *(round(float(place), 1) for place in found.boxes[row]),
                names[found.labels[row]],
                float(found.scores[row]),
            ]
            for row in best
        ],
    }
