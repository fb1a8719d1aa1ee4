"""Batches of regions, a quarter of each of things (Girshick et al. 2014)."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from modules.data.splits import Part
from modules.detection.regions import Regions, Warper

SHARE = 0.25
"""Of a batch, how much shows things; they are rare among proposals."""


class RegionBatches:
    """An iterable of `count` or so regions in batches of `size`, drawn anew each time, warped when they are drawn.

    Regions of things are drawn alike whatever their class, and so are those of nothing.
    """

    def __init__(self, warper: Warper, regions: Regions, size: int, count: int, draws: torch.Generator):
        self.warper, self.regions, self.size, self.draws = warper, regions, size, draws
        self.labels = regions.labels
        self._batches = max(1, round(count / size))
        shows = self.labels < regions.overlap.shape[1]
        self._kinds = [torch.nonzero(kind).flatten() for kind in (shows, ~shows)]

    def __len__(self) -> int:
        return self._batches

    def __iter__(self) -> Iterator[Part]:
        for _ in range(len(self)):
            rows = self._rows()
            squares = self.warper.warp(self.regions.image[rows.numpy()], self.regions.boxes[rows.numpy()])
            yield Part(squares, self.labels[rows].to(squares.device))

    def _rows(self) -> torch.Tensor:
        things, nothing = self._kinds
        count = max(1, round(SHARE * self.size)) if len(nothing) else self.size
        return torch.cat([self._some(things, count), self._some(nothing, self.size - count)])

    def _some(self, kind: torch.Tensor, count: int) -> torch.Tensor:
        return kind[torch.randint(len(kind), (count,), generator=self.draws)] if count else kind[:0]
