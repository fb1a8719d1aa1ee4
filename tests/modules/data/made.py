"""Made images, a few pixels each, in the forms in which people have theirs."""

import zlib

import numpy as np
from PIL import Image


def pixels(name, size=(10, 12), grey=False):
    """Random pixels (H, W) or (H, W, 3), the same for the same name."""
    rng = np.random.default_rng(zlib.crc32(str(name).encode()))
    return rng.integers(0, 256, size if grey else (*size, 3), dtype=np.uint8)


def arrays(count=40, grey=True, side=10, classes=4):
    """Images (N, H, W) or (N, H, W, 3), and labels that go round."""
    images = np.stack([pixels(index, (side, side), grey) for index in range(count)])
    return images, np.arange(count) % classes


def fill(folder, classes=None, **how):
    """Writes so many PNGs for each class; returns the folder."""
    for label, count in (classes or {"cat": 20, "dog": 20}).items():
        (folder / label).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            Image.fromarray(pixels(f"{label}{index}", **how)).save(folder / label / f"{index:03}.png")
    return folder
