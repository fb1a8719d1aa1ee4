"""Training, validation and test images of one seed, the same for every arm."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from sklearn.model_selection import train_test_split

from modules.data.source import images_and_labels
from modules.recipe import Data
from modules.streams import Streams


class Part(NamedTuple):
    """Images (N, C, S, S), normalised, and labels (N,)."""

    images: torch.Tensor
    labels: torch.Tensor

    def to(self, device: torch.device) -> Part:
        return Part(self.images.to(device), self.labels.to(device))


class Splits(NamedTuple):
    """What one run sees. `train.labels` carry the noise, `true_labels` do not."""

    train: Part
    true_labels: torch.Tensor
    val: Part
    test: Part

    def to(self, device: torch.device) -> Splits:
        train, true_labels, val, test = self
        return Splits(train.to(device), true_labels.to(device), val.to(device), test.to(device))


@lru_cache(maxsize=16)
def make_splits(data: Data, streams: Streams) -> Splits:
    """Stratified splits; the test images depend on neither `train_size` nor the noise, and smaller training sets are
    parts of larger ones. Mean and spread are those of the training images.
    """
    images, labels, classes = images_and_labels(data.name, data.image_size)
    train, val, test = _indices(labels.numpy(), data, streams.numpy("split"))
    mean, spread = images[train].mean(), images[train].std()
    images = (images - mean) / spread
    noisy = noisy_labels(labels, classes, data.label_noise, streams.numpy("label_noise"))
    return Splits(
        Part(images[train], noisy[train]), labels[train],
        Part(images[val], labels[val]), Part(images[test], labels[test]),
    )  # fmt: skip


def _indices(labels: np.ndarray, data: Data, rng: np.random.Generator) -> tuple[torch.Tensor, ...]:
    state = int(rng.integers(2**31))
    everything = np.arange(len(labels))
    rest, test = train_test_split(everything, test_size=data.test_share, stratify=labels, random_state=state)
    pool, val = train_test_split(rest, test_size=data.val_size, stratify=labels[rest], random_state=state)
    size = data.train_size or len(pool)
    order = _balanced(labels[pool], rng)
    return torch.from_numpy(pool[order[:size]]), torch.from_numpy(val), torch.from_numpy(test)


def _balanced(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An order in which every beginning holds the classes in equal numbers, as far as they last."""
    shuffled = rng.permutation(len(labels))
    rank = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        of_label = shuffled[labels[shuffled] == label]
        rank[of_label] = np.arange(len(of_label))
    return shuffled[np.argsort(rank[shuffled], kind="stable")]


def noisy_labels(labels: torch.Tensor, classes: int, p: float, rng: np.random.Generator) -> torch.Tensor:
    """Replaces each label with probability `p` by a uniform draw over all classes (Zhang et al. 2017).

    About p (K - 1) / K of the labels really change. Drawn for every image of the data set, so an image's label does
    not depend on how many others are trained on.
    """
    replaced = torch.from_numpy(rng.random(len(labels)) < p)
    draws = torch.from_numpy(rng.integers(classes, size=len(labels)))
    return torch.where(replaced, draws, labels)
