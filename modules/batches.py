"""Batches cut from tensors that are already on the device, where a DataLoader would only copy them one image at a
time; or from images that are streamed, which come a few batches ahead."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import torch

from modules.data.splits import Part, StreamedPart
from modules.data.streamed import Streamed


class Batches:
    """An iterable of parts of at most `size` images: shuffled anew each time where there is a generator.

    `chosen` are the images to take, which may hold some of them several times; all of them where not given. Where they
    are shuffled or chosen, a rest of a single image joins the batch before it: a batch norm standardises no one number.
    """

    def __init__(
        self,
        part: Part | StreamedPart,
        size: int,
        order: torch.Generator | None = None,
        chosen: torch.Tensor | None = None,
    ):
        self.part, self.size, self.order, self.chosen = part, size, order, chosen

    def __len__(self) -> int:
        full, rest = divmod(self._count, self.size)
        return full + (rest > self._joins * bool(full))

    def __iter__(self) -> Iterator[Part]:
        images, labels = self.part
        if isinstance(images, Streamed):
            indices = self._cut(self._indices())
            streamed = zip(indices, images.batches(indices), strict=True)
            yield from (Part(batch, labels[some.to(labels.device)]) for some, batch in streamed)
        elif not self._joins:
            yield from map(Part, images.split(self.size), labels.split(self.size))
        else:
            for some in self._cut(self._indices().to(labels.device)):
                yield Part(images[some], labels[some])

    @property
    def _count(self) -> int:
        return len(self.part.labels if self.chosen is None else self.chosen)

    @property
    def _joins(self) -> bool:
        return self.order is not None or self.chosen is not None

    def _cut(self, indices: torch.Tensor) -> list[torch.Tensor]:
        batches = list(indices.split(self.size))
        if len(batches) > len(self):
            batches[-2:] = [torch.cat(batches[-2:])]
        return batches

    def _indices(self) -> torch.Tensor:
        places = torch.arange(self._count) if self.order is None else torch.randperm(self._count, generator=self.order)
        return places if self.chosen is None else self.chosen[places]


def even_batches(part: Part | StreamedPart, largest: int, chosen: torch.Tensor | None = None) -> Batches:
    """Batches of at most `largest` images whose sizes hardly differ, so that none is a rest of a few images, and the
    mean over batches is that over images."""
    count = len(part.labels if chosen is None else chosen)
    return Batches(part, math.ceil(count / math.ceil(count / largest)), chosen=chosen)


class Epochs:
    """An iterable of one element, all the batches of an epoch.

    What Lightning does around a step costs a small network a fifth of the step; around an epoch it costs nothing.
    """

    def __init__(self, batches: Iterable[Part]):
        self.batches = batches

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Iterable[Part]]:
        yield self.batches
