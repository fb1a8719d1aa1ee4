"""Image files, decoded by Pillow."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from modules.names import in_a_line

DEEP = ("I;16", "I;16B", "I;16L", "I;16N")
"""Pillow's modes of grey images of 16 bits."""
GREY = ("1", "L", "LA", "La", *DEEP)
NO_RANGE = ("I", "F")
"""Modes in which nothing says how bright white is."""


class Unreadable(ValueError):
    """An image file that cannot be used; the message says why, as in `is truncated`."""


def decode(content: bytes, size: int | None = None) -> np.ndarray:
    """The image (C, H, W) in an image file, float32 in [0, 1]; grey ones have one channel, all others three.

    It is turned as its camera was held; transparency is dropped; of moving images it is the first. A JPEG may come
    smaller, but with sides of twice `size` or more, which is several times faster. Raises Unreadable.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            if size is not None:
                image.draft(None, (2 * size, 2 * size))
            ImageOps.exif_transpose(image, in_place=True)
            return _floats(image)
    except Unreadable:
        raise
    except Exception as error:  # a broken file can make Pillow raise almost anything
        raise Unreadable(_reason(error)) from error


def _floats(image: Image.Image) -> np.ndarray:
    if image.mode in NO_RANGE:
        raise Unreadable(f"has pixels of mode {image.mode}, of which nobody knows the range; save it as 8 or 16 bits")
    if image.mode in DEEP:
        return np.asarray(image, dtype=np.float32)[None] / 65535
    if image.mode in GREY:
        return np.asarray(image.convert("L"))[None].astype(np.float32) / 255
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA")  # straight to RGB, Pillow warns of transparency
    channels = np.asarray(image.convert("RGB")).transpose(2, 0, 1)
    return np.ascontiguousarray(channels).astype(np.float32) / 255


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "is not an image"
    return "is truncated" if "truncated" in str(error).lower() else f"cannot be decoded, {in_a_line(error)}"
