"""Images in arrays, in one piece or in parts."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from modules.data.images import ImageSet, image_set
from modules.data.parts import located
from modules.data.usable import Fault, usable

if TYPE_CHECKING:
    from modules.data.settings import Data

BLOCK = 4096
"""Images that are looked at in one go."""


class Arrays:
    """Images by number, from the arrays (N, C, H, W) of one part after another."""

    def __init__(self, arrays: Mapping[str, np.ndarray]):
        self.arrays = dict(arrays)

    def image(self, index: int, size: int) -> np.ndarray:
        part, index = located(self.arrays, index)
        image = self.arrays[part][index]
        floats = np.ascontiguousarray(image).astype(np.float32)
        return floats / 255 if image.dtype == np.uint8 else floats

    def called(self, index: int) -> str:
        part, index = located(self.arrays, index)
        return f"image {index} of the {part} part" if part else f"image {index}"


def array_set(data: Data, source: str, given: Mapping[str, tuple[Any, Any]]) -> ImageSet:
    """Images and labels by part (`train`, `test`, perhaps `val`), or all under empty text, as arrays or tensors.

    Images are (N, H, W), (N, H, W, C) or (N, C, H, W), C being 1 or 3; uint8, or floats that are taken as they are.
    Labels (N,) are whole numbers or text. Raises ValueError, with the index, where they are anything else.
    """
    images = {part: as_images(as_array(pair[0]), _said(data, part)) for part, pair in given.items()}
    labels = {part: as_labels(as_array(pair[1]), len(images[part]), _said(data, part)) for part, pair in given.items()}
    parts = np.repeat(np.array(list(labels), dtype=np.str_), [len(one) for one in labels.values()])
    pixels = Arrays(images)
    left = usable(data, _joined(data, labels), parts, not_finite(pixels))
    channels = max(array.shape[1] for array in images.values())
    return image_set(data, source, _checksum(images, parts, left.kept, left.labels), channels, left, pixels)


def as_images(array: np.ndarray, said: str) -> np.ndarray:
    """The array as (N, C, H, W), without copying it; `said` is what messages call it."""
    if array.dtype != np.uint8 and not np.issubdtype(array.dtype, np.floating):
        raise ValueError(f"{said}: images are {array.dtype}; they must be uint8 (0 to 255) or floats: convert them")
    if array.ndim == 3:
        return array[:, None]
    if array.ndim == 4 and array.shape[1] in (1, 3):
        return array
    if array.ndim == 4 and array.shape[3] in (1, 3):
        return array.transpose(0, 3, 1, 2)
    raise ValueError(
        f"{said}: images have shape {array.shape}; it must be (N, H, W), (N, H, W, C) or (N, C, H, W), C being 1 or 3"
    )


def as_labels(array: np.ndarray, count: int, said: str) -> np.ndarray:
    """The labels as (N,)."""
    labels = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if labels.ndim != 1:
        raise ValueError(f"{said}: labels have shape {array.shape}; it must be (N,), one number or text for each image")
    if len(labels) != count:
        raise ValueError(f"{said}: there are {count} images but {len(labels)} labels; there must be one for each")
    if labels.dtype.kind in "iub":
        return labels.astype(np.int64)
    if labels.dtype.kind in "US":
        return labels.astype(np.str_)
    if labels.dtype.kind == "O":
        return _texts(labels, said)
    raise ValueError(f"{said}: labels are {labels.dtype}; they must be whole numbers or text: convert them")


def _texts(labels: np.ndarray, said: str) -> np.ndarray:
    for index, label in enumerate(labels):
        if not isinstance(label, str):
            raise ValueError(f"{said}: label {index} is {label!r}; labels must be whole numbers or text, all alike")
    return labels.astype(np.str_)


def _said(data: Data, part: str) -> str:
    return f"{data.place}, {part} part" if part else data.place


def as_array(given: Any) -> np.ndarray:
    """Tensors come to where numpy can see them; torch is not imported for it."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(given, torch.Tensor):
        given = given.detach().cpu()
    return np.asarray(given)


def _joined(data: Data, labels: Mapping[str, np.ndarray]) -> np.ndarray:
    if len({one.dtype.kind for one in labels.values()}) > 1:
        kinds = ", ".join(f"{part}: {one.dtype}" for part, one in labels.items())
        raise ValueError(f"{data.place}: labels differ in kind ({kinds}); make them all numbers or all text")
    return np.concatenate(list(labels.values()))


def not_finite(pixels: Arrays) -> list[Fault]:
    """The images with numbers that are not finite."""
    faults, before = [], 0
    for array in pixels.arrays.values():
        for start in range(0, len(array), BLOCK) if array.dtype != np.uint8 else ():
            finite = np.isfinite(array[start : start + BLOCK]).all(axis=(1, 2, 3))
            bad = before + start + np.flatnonzero(~finite)
            faults += [Fault(pixels.called(i), "holds numbers that are not finite", (i,)) for i in bad.tolist()]
        before += len(array)
    return faults


def _checksum(images: Mapping[str, np.ndarray], parts: np.ndarray, kept: np.ndarray, labels: np.ndarray) -> str:
    found = hashlib.sha256()
    for array in images.values():
        found.update(f"{array.dtype}{array.shape}".encode())
        for start in range(0, len(array), BLOCK):
            found.update(array[start : start + BLOCK].tobytes())
    for one in (kept, labels):
        found.update(one.tobytes())
    found.update("".join(parts).encode())
    return found.hexdigest()[:16]
