"""Regions of images, what is true of them, and how they come before the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from modules.data.normal import Normal
from modules.detection.boxes import overlaps

PUBLISHED = 227
"""The side of a region by which `context` counts."""
FOREGROUND = 0.5
"""Overlap from which on a region shows a thing, where the network is trained."""

AT_ONCE = 256
"""Regions for which copies of their images lie in memory together."""


class Regions(NamedTuple):
    """Boxes of many images in one table, one row for each."""

    image: np.ndarray
    """(R,), int64: the number of the image."""
    boxes: np.ndarray
    """(R, 4), float32."""
    thing: np.ndarray
    """(R,), int64: the class of the thing whose box it is, -1 for a proposal."""
    overlap: np.ndarray
    """(R, K): the largest overlap with a thing of each class."""
    nearest: np.ndarray
    """(R, K, 4): the box of that thing; its numbers mean nothing where the overlap is 0."""

    @property
    def labels(self) -> torch.Tensor:
        """(R,): the class that a region shows, K where it shows none."""
        best = self.overlap.argmax(axis=1)
        found = self.overlap.max(axis=1) >= FOREGROUND
        return torch.from_numpy(np.where(found, best, self.overlap.shape[1]))


def make_regions(proposed: Sequence[np.ndarray], truth: np.ndarray, classes: int, with_truth: bool = False) -> Regions:
    """A table of what was proposed in each image, and on demand of the boxes of things; `truth` is (N, M, 5)."""
    tables = []
    for number, (boxes, things) in enumerate(zip(proposed, truth, strict=True)):
        things = things[things[:, 4] >= 0]
        every = np.concatenate([boxes, things[:, :4]]) if with_truth else boxes
        thing = np.full(len(every), -1)
        thing[len(boxes) :] = things[: len(every) - len(boxes), 4]
        tables.append((np.full(len(every), number), every, thing, *_by_class(every, things, classes)))
    return Regions(*(np.concatenate(column) for column in zip(*tables, strict=True)))


def _by_class(boxes: np.ndarray, things: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """The largest overlap with a thing of each class, and the thing's box."""
    found, nearest = np.zeros((len(boxes), classes)), np.zeros((len(boxes), classes, 4), dtype=np.float32)
    for label in np.unique(things[:, 4]).astype(int):
        own = things[things[:, 4] == label, :4]
        shared = overlaps(boxes, own)
        found[:, label], nearest[:, label] = shared.max(axis=1), own[shared.argmax(axis=1)]
    return found, nearest


class Warper(NamedTuple):
    """Images, and how regions of them are made into squares."""

    centred: torch.Tensor
    """(N, C, S, S), pixels less their mean over the training images, so that 0 is the mean pixel."""
    pixels: Normal
    """Mean and spread of each channel over the training images."""
    standardize: bool
    size: int
    """Side of the squares."""
    context: int
    """Pixels around a region that are seen with it, of 227 a side."""

    def warp(self, image: np.ndarray, boxes: np.ndarray) -> torch.Tensor:
        """Squares (R, C, size, size) of the boxes in the images of these numbers, stretched each way as it must be;
        what lies outside of an image has its mean pixel."""
        some = range(0, max(1, len(image)), AT_ONCE)
        squares = torch.cat([self._squares(image[at : at + AT_ONCE], boxes[at : at + AT_ONCE]) for at in some])
        if self.standardize:
            return squares / self.pixels.spread.to(squares)
        return squares + self.pixels.mean.to(squares)

    def _squares(self, image: np.ndarray, boxes: np.ndarray) -> torch.Tensor:
        chosen = self.centred[torch.from_numpy(image).to(self.centred.device)]
        grid = self._grid(torch.from_numpy(boxes).to(self.centred))
        return F.grid_sample(chosen, grid, mode="bilinear", padding_mode="zeros", align_corners=False)

    def _grid(self, boxes: torch.Tensor) -> torch.Tensor:
        """Where each pixel of the squares lies in its image, from -1 to 1."""
        low, high = boxes[:, None, :2], boxes[:, None, 2:]
        grown = PUBLISHED / (PUBLISHED - 2 * self.context)
        steps = (torch.arange(self.size, device=boxes.device) + 0.5) / self.size - 0.5
        places = (low + high) / 2 + grown * (high - low) * steps[None, :, None]
        scaled = 2 * places / self.centred.shape[-1] - 1
        return torch.stack(
            [
                scaled[:, None, :, 0].expand(-1, self.size, -1),
                scaled[:, :, None, 1].expand(-1, -1, self.size),
            ],
            dim=3,
        )
