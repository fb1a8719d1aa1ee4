"""A few images with what is there and what was found, small enough to lie in a run's record."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image

from modules.detection.evaluation import Found
from modules.detection.proposals import as_bytes
from modules.detection.scenes import Scene

MOST = 6
"""Images that are kept."""
LARGEST = 128
"""Pixels a side to which larger ones are made smaller."""


def pictures(scene: Scene, found: Found, names: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """The first images of a part: a PNG as text; boxes in pixels of `side` and their classes, true and found. Of what
    was found, as many boxes as there are things, the best ones."""
    images = scene.images[:MOST]
    return tuple(_picture(image, scene.truth[number], found, number, names) for number, image in enumerate(images))


def _picture(image: torch.Tensor, truth: np.ndarray, found: Found, number: int, names: Sequence[str]) -> dict[str, Any]:
    things = truth[truth[:, 4] >= 0]
    rows = np.flatnonzero(found.image == number)
    best = rows[np.argsort(-found.scores[rows], kind="stable")[: len(things)]]
    return {
        "png": _png(as_bytes(image)),
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


def _png(pixels: np.ndarray) -> str:
    """An image (C, S, S), uint8, as text in base 64."""
    picture = Image.fromarray(pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0)))
    picture.thumbnail((LARGEST, LARGEST))
    picture.save(written := io.BytesIO(), "PNG", optimize=True)
    return base64.b64encode(written.getvalue()).decode()
