"""Images of which more is known than one class: a class for every pixel, or boxes around things."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from modules.data.arrays import Arrays, as_images
from modules.data.facts import DataFacts
from modules.data.images import ImageSet
from modules.tasks import TaskName

if TYPE_CHECKING:
    from modules.data.settings import Data


def mask_set(data: Data, source: str, images: np.ndarray, masks: np.ndarray, names: Sequence[str] = ()) -> ImageSet:
    """Images as `as_images` takes them and masks (N, H, W) of whole numbers, class 0 being the background.

    Raises ValueError, with the index, where a mask is not as large as its image, holds what is no class, or where a
    class is nowhere to be seen.
    """
    pixels = as_images(images, data.place)
    if masks.shape != (len(pixels), *pixels.shape[2:]) or masks.dtype.kind not in "iu":
        raise ValueError(
            f"{data.place}: masks are {masks.dtype} of shape {masks.shape}; they must be whole numbers of shape "
            f"{(len(pixels), *pixels.shape[2:])}, one for every pixel of every image"
        )
    classes = len(names) or int(masks.max()) + 1
    for index in np.flatnonzero(((masks < 0) | (masks >= classes)).any(axis=(1, 2)))[:1]:
        found = sorted(set(np.unique(masks[index]).tolist()) - set(range(classes)))
        raise ValueError(f"{data.place}: mask {index} holds {found[0]}; its pixels must be 0 to {classes - 1}")
    there = np.stack([(masks == label).any(axis=(1, 2)).sum() for label in range(classes)])
    return _made(data, source, pixels, masks.astype(np.int64), _named(names, classes), there, "segmentation")


def box_set(
    data: Data, source: str, images: np.ndarray, boxes: Sequence[np.ndarray], names: Sequence[str] = ()
) -> ImageSet:
    """Images as `as_images` takes them and, for each, boxes (M, 5): left, top, right, bottom in pixels, and the class.

    An image may have none. Raises ValueError, with the index, where a box is no box or leaves its image, or where a
    class has none. Labels are (N, most, 5), float32, filled up with boxes of class -1.
    """
    pixels = as_images(images, data.place)
    if len(boxes) != len(pixels):
        raise ValueError(
            f"{data.place}: there are {len(pixels)} images but boxes for {len(boxes)}; give an array (M, 5) for each"
        )
    given = [np.asarray(one, dtype=np.float32) for one in boxes]
    for index, one in enumerate(given):
        _refuse_shape(data, index, one)
    every = np.concatenate(given)
    if not len(every):
        raise ValueError(f"{data.place}: no image has a box, so there is nothing to find; give boxes of some images")
    classes = len(names) or 1 + max(0, int(np.nan_to_num(every[:, 4]).max()))
    filled = np.full((len(given), max(map(len, given)), 5), -1, dtype=np.float32)
    for index, one in enumerate(given):
        _refuse_boxes(data, index, one, pixels.shape[3], pixels.shape[2], classes)
        filled[index, : len(one)] = one
    there = np.bincount(filled[..., 4][filled[..., 4] >= 0].astype(np.int64), minlength=classes)
    return _made(data, source, pixels, filled, _named(names, classes), there, "detection")


def _named(names: Sequence[str], classes: int) -> tuple[str, ...]:
    return tuple(names) or tuple(map(str, range(classes)))


def _refuse_shape(data: Data, index: int, boxes: np.ndarray) -> None:
    if boxes.ndim != 2 or boxes.shape[1] != 5:
        raise ValueError(
            f"{data.place}: boxes of image {index} have shape {boxes.shape}; it must be (M, 5): left, top, right, "
            "bottom, class"
        )


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
