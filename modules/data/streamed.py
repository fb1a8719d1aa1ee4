"""Images that are decoded when they are asked for, a little ahead of whoever trains on them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch

from modules.data.images import ImageSet
from modules.data.normal import Normal
from modules.data.prepared import prepared_image
from modules.data.threads import pool

AHEAD = 2
"""Batches that are decoded ahead of the one in use."""
CHUNK = 16
"""Images that a thread decodes at a time."""


@dataclass(frozen=True)
class Streamed:
    """Images (N, C, S, S), normalised, of which only those of a few batches are in memory."""

    images: ImageSet
    chosen: torch.Tensor
    """(N,): which of the images these are."""
    size: int
    """Side in pixels."""
    normal: Normal
    device: torch.device | None = None
    """Where they are put; None stands for the CPU."""

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, indices: torch.Tensor) -> torch.Tensor:
        return next(self.batches([indices]))

    def to(self, device: torch.device) -> Streamed:
        """The same images, on another device when they come."""
        return replace(self, device=device)

    def batches(self, indices: Iterable[torch.Tensor]) -> Iterator[torch.Tensor]:
        """Images (B, C, S, S) for each of `indices` (B,), in order; raises ValueError, naming the image, where one
        cannot be read.
        """
        begun: deque[_Batch] = deque()
        try:
            for some in indices:
                begun.append(self._begin(some))
                if len(begun) > AHEAD:
                    yield begun.popleft().finish(self.device)
            while begun:
                yield begun.popleft().finish(self.device)
        finally:
            for batch in begun:
                batch.cancel()

    def _begin(self, indices: torch.Tensor) -> _Batch:
        numbers = self.chosen[indices].tolist()
        with torch.inference_mode(False):  # what is made in that mode could not be filled by threads outside it
            batch = torch.empty(len(numbers), self.images.facts.channels, self.size, self.size)
        starts = range(0, len(numbers), CHUNK)
        return _Batch(batch, [pool().submit(self._fill, batch, numbers, start) for start in starts])

    def _fill(self, batch: torch.Tensor, numbers: list[int], start: int) -> None:
        for place in range(start, min(start + CHUNK, len(numbers))):
            batch[place] = self.normal.apply_(prepared_image(self.images, numbers[place], self.size))


class _Batch(NamedTuple):
    """A batch that is being filled."""

    images: torch.Tensor
    chunks: list[Future[None]]

    def finish(self, device: torch.device | None) -> torch.Tensor:
        for chunk in self.chunks:
            chunk.result()
        return self.images if device is None else self.images.to(device)

    def cancel(self) -> None:
        for chunk in self.chunks:
            chunk.cancel()
