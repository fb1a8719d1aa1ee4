"""Images in arrays by what is known of them: one class each, a class for every pixel, or boxes around things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from modules.data.annotated import box_set, mask_set
from modules.data.arrays import array_set, as_array
from modules.data.images import ImageSet

if TYPE_CHECKING:
    from modules.data.settings import Data

COLUMNS = 5


def labelled_set(data: Data, source: str, given: Mapping[str, tuple[Any, Any]]) -> ImageSet:
    """Images and labels by part, or all under empty text; of the latter, labels (N, H, W) are masks, and a list of
    arrays (M, 5) are boxes, of which an image may have none."""
    images, labels = given.get("", (None, None))
    if _are_boxes(labels):
        return box_set(data, source, as_array(images), [_boxes(one) for one in labels])
    if np.ndim(labels) == 3:
        return mask_set(data, source, as_array(images), as_array(labels))
    return array_set(data, source, given)


def _are_boxes(labels: Any) -> bool:
    return isinstance(labels, list | tuple) and any(np.ndim(one) == 2 or np.size(one) == 0 for one in labels)


def _boxes(given: Any) -> np.ndarray:
    boxes = as_array(given)
    return boxes if boxes.size else np.zeros((0, COLUMNS), dtype=np.float32)
