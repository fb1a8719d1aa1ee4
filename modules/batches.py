"""Batches cut from tensors that are already on the device, where a DataLoader would only copy them one image at a
time; or from images that are streamed, which come a few batches ahead."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from modules.data.splits import Part, StreamedPart
from modules.data.streamed import Streamed


class Batches:
    """An iterable of parts of at most `size` images: shuffled anew each time where there is a generator."""

    def __init__(self, part: Part | StreamedPart, size: int, order: torch.Generator | None = None):
        self.part, self.size, self.order = part, size, order

    def __len__(self) -> int:
        return -(-len(self.part.labels) // self.size)

    def __iter__(self) -> Iterator[Part]:
        images, labels = self.part
        if isinstance(images, Streamed):
            indices = self._indices().split(self.size)
            streamed = zip(indices, images.batches(indices), strict=True)
            yield from (Part(batch, labels[some.to(labels.device)]) for some, batch in streamed)
        elif self.order is None:
            yield from map(Part, images.split(self.size), labels.split(self.size))
        else:
            for chosen in self._indices().to(labels.device).split(self.size):
                yield Part(images[chosen], labels[chosen])

    def _indices(self) -> torch.Tensor:
        count = len(self.part.labels)
        return torch.arange(count) if self.order is None else torch.randperm(count, generator=self.order)


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
