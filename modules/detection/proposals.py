"""The regions of every image in which things may be, found once and kept on disk."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from modules.data import cache, prepared
from modules.data.facts import data_facts
from modules.data.prepared import all_prepared
from modules.detection import selective_search
from modules.detection.selective_search import search
from modules.recipe import Data
from modules.sources import source_digest
from modules.values import digest


class Proposals(NamedTuple):
    """What was found in all images of a data set."""

    boxes: dict[str, np.ndarray]
    """Boxes (R, 4), float32, by the name of an image, `called` what it shows."""
    seconds: float
    """That an image took, when it was looked at."""

    def of(self, images: torch.Tensor, most: int) -> list[np.ndarray]:
        """At most so many boxes of each of the images (N, C, S, S), 0 to 1."""
        return [_drawn(self.boxes[called(image)], most) for image in images]


def proposals(data: Data) -> Proposals:
    """Finds regions in all images of a recipe's data; reads what is kept of them where that was done before. Runs that
    start together before anything is kept each find the same for themselves."""
    images, key = all_prepared(data.source, data.image_size), f"proposals-{digest(_known_by(data))}"
    kept = cache.recall(key)
    if kept is None or not {called(image) for image in images} <= kept["boxes"].keys():
        kept = _found(images)
        cache.keep(key, kept)
    boxes = {name: np.array(found, dtype=np.float32).reshape(-1, 4) for name, found in kept["boxes"].items()}
    return Proposals(boxes, kept["seconds"])


def _known_by(data: Data) -> list[object]:
    """All that regions depend on: the images, how they come to their size, and how they are searched."""
    code = [source_digest(Path(module)) for module in (__file__, prepared.__file__, selective_search.__file__)]
    versions = [selective_search.version(), torch.__version__]
    return [data_facts(data).checksum, data.channels, data.image_size, *versions, *code]


def _found(images: torch.Tensor) -> dict[str, object]:
    started = time.perf_counter()
    boxes = {called(image): search(as_bytes(image)).tolist() for image in images}
    return {"boxes": boxes, "seconds": (time.perf_counter() - started) / len(images)}


def called(image: torch.Tensor) -> str:
    """A name for what an image (C, S, S) shows."""
    return hashlib.sha256(as_bytes(image).tobytes()).hexdigest()[:16]


def as_bytes(image: torch.Tensor) -> np.ndarray:
    """An image of pixels from 0 to 1 as uint8; of floats in another range, as far as they are in that one."""
    return (255 * image.cpu()).round().clamp(0, 255).to(torch.uint8).numpy()


def _drawn(boxes: np.ndarray, most: int) -> np.ndarray:
    """Some of the boxes, the same ones every time."""
    if len(boxes) <= most:
        return boxes
    return boxes[np.sort(np.random.default_rng(0).permutation(len(boxes))[:most])]
