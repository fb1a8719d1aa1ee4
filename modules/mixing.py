"""Mixing: pairs of training images, and of their labels, made into one."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from modules.data.settings import Mixing


class Box(NamedTuple):
    """Rows `top` to `bottom` and columns `left` to `right`, of which the latter are outside."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> int:
        return (self.bottom - self.top) * (self.right - self.left)


def mixup(
    images: torch.Tensor, targets: torch.Tensor, share: float, partner: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mixes each image, and its target, with its partner's (Zhang et al. 2018): `share` of its own and the rest of
    the other's.

    `images` (N, C, S, S), `targets` (N, K) shares of every class, `share` 0 to 1, `partner` (N,) numbers of images.
    """
    return share * images + (1 - share) * images[partner], share * targets + (1 - share) * targets[partner]


def cutmix(
    images: torch.Tensor, targets: torch.Tensor, box: Box, partner: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pastes a box of each image's partner into it (Yun et al. 2019); targets are mixed by the pixels that each image
    really has.

    `images` (N, C, S, S), `targets` (N, K) shares of every class, `box` within the image, `partner` (N,) numbers of
    images.
    """
    share = 1 - box.area / images[0, 0].numel()
    rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
    mixed = images.clone()
    mixed[:, :, rows, columns] = images[partner][:, :, rows, columns]
    return mixed, share * targets + (1 - share) * targets[partner]


def box_around(row: int, column: int, share: float, side: int) -> Box:
    """A square that leaves about `share` of an image of `side` pixels, around a centre, cut off at the border, so that
    it may leave more."""
    half = int(side * math.sqrt(1 - share)) // 2
    return Box(max(row - half, 0), max(column - half, 0), min(row + half, side), min(column + half, side))


class Mixer:
    """Mixes batches as `how` says, by draws of `rng`: a share, partners and, for CutMix, a box for each batch, as in
    the authors' code. Where both kinds are on, each batch draws one of them.
    """

    def __init__(self, how: Mixing, classes: int, rng: np.random.Generator) -> None:
        self.how, self.classes, self.rng = how, classes, rng

    def __call__(self, images: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (N, C, S, S) and labels (N,) as mixed images and targets (N, K): shares of every class. Off returns
        both as they are."""
        if self.how.off:
            return images, labels
        targets = F.one_hot(labels, self.classes).to(images.dtype)
        partner = torch.from_numpy(self.rng.permutation(len(images))).to(images.device)
        if self._draws_cutmix():
            return cutmix(images, targets, self._box(images.shape[-1]), partner)
        return mixup(images, targets, self.rng.beta(self.how.mixup, self.how.mixup), partner)

    def _draws_cutmix(self) -> bool:
        if self.how.mixup and self.how.cutmix:
            return bool(self.rng.random() < 0.5)
        return self.how.cutmix > 0

    def _box(self, side: int) -> Box:
        share = self.rng.beta(self.how.cutmix, self.how.cutmix)
        row, column = self.rng.integers(side, size=2)
        return box_around(int(row), int(column), share, side)
