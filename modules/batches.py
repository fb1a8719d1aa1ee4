"""Batches cut from tensors that are already on the device; a DataLoader would only copy them one image at a time."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from modules.data.splits import Part


class Batches:
    """An iterable of parts of at most `size` images: shuffled anew each time where there is a generator."""

    def __init__(self, part: Part, size: int, order: torch.Generator | None = None):
        self.part, self.size, self.order = part, size, order

    def __len__(self) -> int:
        return -(-len(self.part.labels) // self.size)

    def __iter__(self) -> Iterator[Part]:
        images, labels = self.part
        if self.order is None:
            yield from map(Part, images.split(self.size), labels.split(self.size))
            return
        shuffled = torch.randperm(len(labels), generator=self.order).to(labels.device)
        for chosen in shuffled.split(self.size):
            yield Part(images[chosen], labels[chosen])


class Epochs:
    """An iterable of one element, all the batches of an epoch.

    What Lightning does around a step costs a small network a fifth of the step; around an epoch it costs nothing.
    """

    def __init__(self, batches: Batches):
        self.batches = batches

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Batches]:
        yield self.batches
