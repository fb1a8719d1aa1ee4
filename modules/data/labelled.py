"""Images in arrays by what is known of them: one class each, a class for every pixel, or boxes around things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from modules.data.annotated import COLUMNS, box_set, mask_set
from modules.data.arrays import array_set, as_array
from modules.data.images import ImageSet

if TYPE_CHECKING:
    from modules.data.settings import Data

Kind = Literal["classes", "masks", "boxes"]


def labelled_set(data: Data, source: str, given: Mapping[str, tuple[Any, Any]]) -> ImageSet:
    """Images and labels by part, or all under empty text. Of the latter, labels (N, H, W) or a list of (H, W) are
    masks; (N, M, 5) or a list of (M, 5) are boxes, of which an image may have none."""
    told = {part: (as_array(images), _alike(data, labels)) for part, (images, labels) in given.items()}
    for part, pair in told.items():
        if pair[0].shape[:1] == (0,):
            raise ValueError(f"{data.place}: there are no images{f' in the {part} part' if part else ''}; give some")
        if part and (kind := _kind(*pair)) != "classes":
            raise ValueError(
                f"{data.place}: the {part} part has {kind}, which cannot come in parts; give all images and {kind} in "
                "one piece, and say data.val_share and data.test_share"
            )
    if "" not in told or (kind := _kind(*told[""])) == "classes":
        return array_set(data, source, told)
    images, labels = told[""]
    if kind == "masks":
        return mask_set(data, source, images, labels)
    return box_set(data, source, images, [one if one.size else np.zeros((0, COLUMNS)) for one in labels])


def _alike(data: Data, labels: Any) -> Any:
    """Labels as an array, or a list of arrays where those of the images differ in shape."""
    if not isinstance(labels, list | tuple) or not any(np.iterable(one) and not isinstance(one, str) for one in labels):
        return as_array(labels)
    each = [_of_image(data, index, one) for index, one in enumerate(labels)]
    return np.stack(each) if len({one.shape for one in each}) == 1 else each


def _of_image(data: Data, index: int, given: Any) -> np.ndarray:
    try:
        return as_array(given)
    except ValueError:  # what numpy says of rows that differ in length
        raise ValueError(
            f"{data.place}: what is known of image {index} has rows of different lengths; boxes must be "
            f"(M, {COLUMNS}): left, top, right, bottom, class"
        ) from None


def _kind(images: np.ndarray, labels: Any) -> Kind:
    if isinstance(labels, list) or labels.shape[1:] == (0,):
        return "boxes"
    if labels.ndim != 3:
        return "classes"
    sides = images.shape[1:3], images.shape[-2:]
    return "boxes" if labels.shape[2] in (COLUMNS - 1, COLUMNS) and labels.shape[1:] not in sides else "masks"
