"""Selective search by OpenCV (Uijlings et al. 2013): the one place that knows the library."""

from __future__ import annotations

from types import ModuleType

import numpy as np

SMALLEST = 6
"""Pixels a side that a region must have, lest there be nothing to see in it."""
ENLARGED = 64
"""Pixels a side to which smaller images are enlarged before they are segmented; things of a few pixels would else be
one with what is behind them."""


def version() -> str:
    """The library's version, by which its findings are remembered."""
    return str(opencv().__version__)


def search(image: np.ndarray) -> np.ndarray:
    """Boxes (R, 4), float32, in which things may be, of an image (C, H, W), uint8: the fast mode, that is an
    over-segmentation (Felzenszwalb and Huttenlocher 2004) whose most alike neighbours are merged until one is left.

    Sorted by their corners, since the library's own order is drawn from a generator that cannot be seeded.
    """
    cv2, scale = opencv(), max(1, ENLARGED / image.shape[1])
    colour = np.broadcast_to(image, (3, *image.shape[1:]))[::-1].transpose(1, 2, 0)
    segmentation = cv2.ximgproc.segmentation.createSelectiveSearchSegmentation()
    segmentation.setBaseImage(cv2.resize(np.ascontiguousarray(colour), None, fx=scale, fy=scale))
    segmentation.switchToSelectiveSearchFast()
    corners = np.unique(np.asarray(segmentation.process(), dtype=np.float32).reshape(-1, 4), axis=0)
    large = corners[(corners[:, 2:] >= SMALLEST).all(axis=1)]
    return np.concatenate([large[:, :2], large[:, :2] + large[:, 2:]], axis=1) / np.float32(scale)


def opencv() -> ModuleType:
    """The library; raises ValueError, with the cure, where it is missing."""
    try:
        import cv2

        cv2.ximgproc.segmentation.createSelectiveSearchSegmentation  # noqa: B018  (OpenCV without contrib has none)
    except (ImportError, AttributeError):
        raise ValueError(
            "selective search needs opencv-contrib-python-headless; pip install 'ablations[detection]' brings it"
        ) from None
    return cv2
