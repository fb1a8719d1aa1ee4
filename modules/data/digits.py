"""Handwritten digits: 1,797 images of 8 x 8 pixels that ship with scikit-learn."""

from __future__ import annotations

import numpy as np


def load() -> tuple[np.ndarray, np.ndarray]:
    """Images (1797, 1, 8, 8), float32 in [0, 1], and labels (1797,), int64."""
    from sklearn.datasets import load_digits  # heavy, and plans do without it

    bunch = load_digits()
    return (bunch.images[:, None] / 16).astype(np.float32), bunch.target.astype(np.int64)
