"""Images of which more is known than one class: a class for every pixel, or boxes around things."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from modules.data.arrays import Arrays, as_images, not_finite
from modules.data.facts import DataFacts
from modules.data.images import ImageSet
from modules.tasks import TaskName

if TYPE_CHECKING:
    from modules.data.settings import Data

COLUMNS = 5
"""Of a box: left, top, right, bottom, class."""
MOST_CLASSES = 10_000
"""Far more than anybody's; numbers beyond are mistakes."""


def mask_set(data: Data, source: str, images: np.ndarray, masks: np.ndarray, names: Sequence[str] = ()) -> ImageSet:
    """Images as `as_images` takes them and masks (N, H, W) of whole numbers, class 0 being the background.

    Raises ValueError, with the index, where a mask is not as large as its image, holds what is no class, or where a
    class is nowhere to be seen.
    """
    pixels = _pixels(data, images)
    if masks.shape != (len(pixels), *pixels.shape[2:]) or masks.dtype.kind not in "iu":
        raise ValueError(
            f"{data.place}: masks are {masks.dtype} of shape {masks.shape}; they must be whole numbers of shape "
            f"{(len(pixels), *pixels.shape[2:])}, one for every pixel of every image"
        )
    classes = len(names) or min(int(masks.max()) + 1, MOST_CLASSES)
    for index in np.flatnonzero(((masks < 0) | (masks >= classes)).any(axis=(1, 2)))[:1]:
        found = sorted(set(np.unique(masks[index]).tolist()) - set(range(classes)))
        raise ValueError(f"{data.place}: mask {index} holds {found[0]}; its pixels must be 0 to {classes - 1}")
    if classes < 2:
        raise ValueError(f"{data.place}: masks hold class 0 alone; there must be two classes or more")
    labels = masks.astype(np.int64)
    there = np.bincount(np.concatenate([np.unique(mask) for mask in labels]), minlength=classes)
    return _made(data, source, pixels, labels, _named(names, classes), there, "segmentation")


def box_set(
    data: Data, source: str, images: np.ndarray, boxes: Sequence[np.ndarray], names: Sequence[str] = ()
) -> ImageSet:
    """Images as `as_images` takes them and, for each, boxes (M, 5): left, top, right, bottom in pixels, and the class.

    An image may have none. Raises ValueError, with the index, where a box is no box or leaves its image, or where a
    class has none. Labels are (N, most, 5), float32, filled up with boxes of class -1.
    """
    pixels = _pixels(data, images)
    _refuse_range(data, pixels)
    if len(boxes) != len(pixels):
        raise ValueError(
            f"{data.place}: there are {len(pixels)} images but boxes for {len(boxes)}; give an array (M, 5) for each"
        )
    given = [_numbers(data, index, one) for index, one in enumerate(boxes)]
    every = np.concatenate(given)
    if not len(every):
        raise ValueError(f"{data.place}: no image has a box, so there is nothing to find; give boxes of some images")
    classes = len(names) or 1 + max(0, int(every[:, 4].max()))
    filled = np.full((len(given), max(map(len, given)), COLUMNS), -1, dtype=np.float32)
    for index, one in enumerate(given):
        _refuse_boxes(data, index, one, pixels.shape[3], pixels.shape[2], classes)
        filled[index, : len(one)] = one
    there = np.bincount(filled[..., 4][filled[..., 4] >= 0].astype(np.int64), minlength=classes)
    return _made(data, source, pixels, filled, _named(names, classes), there, "detection")


def _named(names: Sequence[str], classes: int) -> tuple[str, ...]:
    return tuple(names) or tuple(map(str, range(classes)))


def _pixels(data: Data, images: np.ndarray) -> np.ndarray:
    pixels = as_images(images, data.place)
    if not len(pixels):
        raise ValueError(f"{data.place}: there are no images; give some")
    for fault in not_finite(Arrays({"": pixels}))[:1]:
        raise ValueError(f"{data.place}: {fault.name} {fault.reason}; repair it, or take it out")
    return pixels


def _refuse_range(data: Data, pixels: np.ndarray) -> None:
    """Regions are searched for in bytes, which can hold no other pixels."""
    if pixels.dtype != np.uint8 and not (pixels.min() >= 0 and pixels.max() <= 1):
        raise ValueError(
            f"{data.place}: pixels are {pixels.min():g} to {pixels.max():g}; where things are to be found they must be "
            "floats from 0 to 1, or uint8: scale them"
        )


def _numbers(data: Data, index: int, given: np.ndarray) -> np.ndarray:
    """Boxes as float32; raises ValueError where they are none, or of no class."""
    said = f"{data.place}: boxes of image {index}"
    if given.ndim != 2 or given.shape[1] != COLUMNS:
        raise ValueError(f"{said} have shape {given.shape}; it must be (M, {COLUMNS}): left, top, right, bottom, class")
    try:
        boxes = given.astype(np.float32)
    except (TypeError, ValueError):
        raise ValueError(f"{said} hold text; all must be numbers, the class a whole one from 0 on") from None
    for label in boxes[:, 4][~np.isin(boxes[:, 4], np.arange(MOST_CLASSES))][:1]:
        raise ValueError(f"{said} have class {label:g}; it must be a whole number, 0 to {MOST_CLASSES - 1}")
    return boxes


def _refuse_boxes(data: Data, index: int, boxes: np.ndarray, width: int, height: int, classes: int) -> None:
    for box in boxes:
        left, top, right, bottom, label = box.tolist()
        said = f"{data.place}: box {[left, top, right, bottom]} of image {index}"
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise ValueError(
                f"{said} is not within its {width} x {height} pixels; it must have 0 <= left < right <= {width} and "
                f"0 <= top < bottom <= {height}: cut it off at the border or take it out"
            )
        if label not in range(classes):
            raise ValueError(f"{said} has class {label:g}; it must be 0 to {classes - 1}")


def _made(
    data: Data, source: str, pixels: np.ndarray, labels: np.ndarray, names: tuple[str, ...], there: np.ndarray,
    task: TaskName,
) -> ImageSet:  # fmt: skip
    for label in np.flatnonzero(there == 0)[:1]:
        raise ValueError(f"{data.place}: class {names[label]!r} has no example; add some, or leave the class out")
    facts = DataFacts(
        source=source,
        checksum=_checksum(pixels, labels),
        images=len(pixels),
        classes=len(names),
        channels=data.channels or pixels.shape[1],
        class_names=names,
        counts=tuple(there.tolist()),
        task=task,
    )
    return ImageSet(facts, labels, {}, np.arange(len(pixels)), Arrays({"": pixels}))


def _checksum(*arrays: np.ndarray) -> str:
    found = hashlib.sha256()
    for array in arrays:
        found.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
    return found.hexdigest()[:16]
