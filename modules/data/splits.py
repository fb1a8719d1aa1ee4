"""Training, validation and test images of one seed, the same for every arm."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from modules.data.facts import Sizes, data_facts, split_sizes
from modules.data.images import ImageSet
from modules.data.memory import fits
from modules.data.normal import Normal, normal_of
from modules.data.prepared import all_prepared, prepared_image
from modules.data.source import images_and_labels
from modules.data.streamed import Streamed
from modules.recipe import Data
from modules.streams import Streams


class Part(NamedTuple):
    """Images (N, C, S, S), normalised, and labels (N,)."""

    images: torch.Tensor
    labels: torch.Tensor

    def to(self, device: torch.device) -> Part:
        return Part(self.images.to(device), self.labels.to(device))


class StreamedPart(NamedTuple):
    """The same, with images that are decoded when they are asked for."""

    images: Streamed
    labels: torch.Tensor

    def to(self, device: torch.device) -> StreamedPart:
        return StreamedPart(self.images.to(device), self.labels.to(device))


class Splits(NamedTuple):
    """What one run sees. `train.labels` carry the noise, `true_labels` do not."""

    train: Part | StreamedPart
    true_labels: torch.Tensor
    val: Part | StreamedPart
    test: Part | StreamedPart
    normal: Normal
    """What pixels became images by; the identity where they are left as they are."""
    moments: Normal
    """Mean and spread of the training images as they are here: 0 and 1 where they are standardised."""

    def to(self, device: torch.device) -> Splits:
        """The images and labels on a device."""
        return self._replace(
            train=self.train.to(device),
            true_labels=self.true_labels.to(device),
            val=self.val.to(device),
            test=self.test.to(device),
        )


@lru_cache(maxsize=2)
def make_splits(data: Data, streams: Streams) -> Splits:
    """Stratified splits, but for parts that come ready; the test images depend on neither `train_size` nor the noise,
    and smaller training sets are parts of larger ones. Mean and spread of each channel are those of the training
    images. Whether images are held or streamed, they are the same bit for bit.
    """
    facts, images = data_facts(data), images_and_labels(data.source)
    labels = resized_labels(images, data.image_size)
    chosen = _indices(images, data, split_sizes(data, facts), streams.numpy("split"))
    noisy = labels
    if facts.task == "classification":
        noisy = noisy_labels(labels, facts.classes, data.label_noise, streams.numpy("label_noise"))
    train, val, test = map(torch.from_numpy, chosen)
    streamed, size = streams_images(data), data.image_size
    held = None if streamed else all_prepared(data.source, size)
    fetch = held.__getitem__ if held is not None else lambda index: prepared_image(images, index, size)
    pixels = normal_of(data.source, size, train.numpy(), fetch)
    normal, moments = (pixels, pixels.identity) if data.standardize else (pixels.identity, pixels)

    def make(chosen: torch.Tensor, labels: torch.Tensor) -> Part | StreamedPart:
        if held is None:
            return StreamedPart(Streamed(images, chosen, size, normal), labels[chosen])
        return Part(normal.apply_(held[chosen]), labels[chosen])

    return Splits(make(train, noisy), labels[train], make(val, labels), make(test, labels), normal, moments)


def streams_images(data: Data) -> bool:
    """Whether images are decoded while training: as the data say, else where they do not fit in memory."""
    if data.stream is not None:
        return data.stream
    facts = data_facts(data)
    gpu_memory = torch.cuda.get_device_properties(0).total_memory if torch.cuda.is_available() else 0
    return not fits(4 * facts.images * facts.channels * data.image_size**2, gpu_memory)


def _indices(images: ImageSet, data: Data, sizes: Sizes, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    from sklearn.model_selection import train_test_split  # heavy, and plans do without it

    state, ready = int(rng.integers(2**31)), images.ready
    labels = images.labels if images.facts.task == "classification" else np.zeros(len(images.labels), dtype=np.int64)
    if ready:
        rest, test = ready["train"], ready["test"]
    else:
        everything = np.arange(len(labels))
        rest, test = train_test_split(everything, test_size=data.test_share, stratify=labels, random_state=state)
    if "val" in ready:
        pool, val = rest, ready["val"]
    else:
        pool, val = train_test_split(rest, test_size=sizes.val, stratify=labels[rest], random_state=state)
    order = _balanced(labels[pool], rng)
    return pool[order[: data.train_size]], val, test


def _balanced(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An order in which every beginning holds the classes in equal numbers, as far as they last."""
    shuffled = rng.permutation(len(labels))
    rank = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        of_label = shuffled[labels[shuffled] == label]
        rank[of_label] = np.arange(len(of_label))
    return shuffled[np.argsort(rank[shuffled], kind="stable")]


def resized_labels(images: ImageSet, size: int) -> torch.Tensor:
    """Labels that fit images of `size` pixels a side: masks by the nearest pixel, boxes in the new pixels."""
    labels = torch.from_numpy(images.labels)
    if images.facts.task == "segmentation" and labels.shape[1:] != (size, size):
        return F.interpolate(labels[:, None].double(), size=(size, size), mode="nearest-exact")[:, 0].long()
    if images.facts.task == "detection":
        _, height, width = images.image(0, size).shape
        scale = torch.tensor([size / width, size / height] * 2 + [1])
        labels = torch.where(labels[..., 4:] < 0, labels, labels * scale)
    return labels


def noisy_labels(labels: torch.Tensor, classes: int, p: float, rng: np.random.Generator) -> torch.Tensor:
    """Replaces each label with probability `p` by a uniform draw over all classes (Zhang et al. 2017).

    About p (K - 1) / K of the labels really change. Drawn for every image of the data set, so an image's label does
    not depend on how many others are trained on.
    """
    replaced = torch.from_numpy(rng.random(len(labels)) < p)
    draws = torch.from_numpy(rng.integers(classes, size=len(labels)))
    return torch.where(replaced, draws, labels)
