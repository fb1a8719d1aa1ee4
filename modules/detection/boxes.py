"""Boxes: left, top, right, bottom in pixels, of which the latter two are outside."""

from __future__ import annotations

import numpy as np


def areas(boxes: np.ndarray) -> np.ndarray:
    """Pixels in each box (..., 4)."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def overlaps(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Intersection over union of each box of `one` (N, 4) with each of `other` (M, 4), as (N, M)."""
    corners = np.maximum(one[:, None, :2], other[None, :, :2]), np.minimum(one[:, None, 2:], other[None, :, 2:])
    common = np.clip(corners[1] - corners[0], 0, None).prod(axis=2)
    return common / (areas(one)[:, None] + areas(other)[None] - common)


def clipped(boxes: np.ndarray, side: int) -> np.ndarray:
    """Boxes cut off at the borders of an image; what would vanish keeps a pixel at the border."""
    low = np.clip(boxes[:, :2], 0, side - 1)
    return np.concatenate([low, np.clip(boxes[:, 2:], low + 1, side)], axis=1)


def suppressed(boxes: np.ndarray, scores: np.ndarray, most: float) -> np.ndarray:
    """Indices of what is left, best first, where a box goes if one that scores higher overlaps it by more than `most`:
    greedy non-maximum suppression."""
    order = np.argsort(-scores, kind="stable")
    near = overlaps(boxes, boxes) > most
    gone = np.zeros(len(boxes), dtype=bool)
    kept: list[int] = []
    for index in order:
        if not gone[index]:
            kept.append(int(index))
            gone |= near[index]
    return np.array(kept, dtype=np.int64)
