"""Canvases: what is behind the digits of a scene, so that no threshold of brightness could find them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

Draw = Callable[[int, np.random.Generator], np.ndarray]


def canvas(kind: str, size: int, rng: np.random.Generator) -> np.ndarray:
    """A picture (S, S, 3), float, 0 to 1, of a kind; `mixed` draws the kind."""
    draw = CANVASES[list(CANVASES)[rng.integers(len(CANVASES))] if kind == "mixed" else kind]
    return np.clip(draw(size, rng), 0, 1)


def _plain(size: int, rng: np.random.Generator) -> np.ndarray:
    return np.broadcast_to(_colour(rng), (size, size, 3)).copy()


def _noise(size: int, rng: np.random.Generator) -> np.ndarray:
    return _colour(rng) + rng.normal(scale=0.08, size=(size, size, 3))


def _stripes(size: int, rng: np.random.Generator) -> np.ndarray:
    angle, period = rng.uniform(0, np.pi), rng.uniform(4, 12)
    rows, columns = np.mgrid[:size, :size]
    wave = np.sin(2 * np.pi * (np.cos(angle) * rows + np.sin(angle) * columns) / period)
    return _colour(rng) + 0.12 * wave[..., None] * rng.uniform(0.5, 1, size=3)


def _clouds(size: int, rng: np.random.Generator) -> np.ndarray:
    """Coarse noise, and finer noise in smaller measure (Perlin 1985)."""
    layers = [
        np.stack([resampled(rng.normal(scale=0.25 / cells**0.5, size=(cells, cells)), size) for _ in range(3)], axis=2)
        for cells in (3, 6, 12)
    ]
    return _colour(rng) + sum(layers)


def resampled(values: np.ndarray, size: int) -> np.ndarray:
    """Numbers (H, W) as (size, size), float32, bicubically."""
    image = Image.fromarray(values.astype(np.float32))
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC))


def _colour(rng: np.random.Generator) -> np.ndarray:
    """Of middling brightness or far from it, a little coloured."""
    return rng.uniform(0.1, 0.9) + rng.uniform(-0.1, 0.1, size=3)


CANVASES: dict[str, Draw] = {"plain": _plain, "noise": _noise, "stripes": _stripes, "clouds": _clouds}
