"""The weights that are measured: those of the last epoch or, with early stopping, of the best on validation data
(Prechelt 1998)."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from modules.keeping import copies, numbers_of, put
from modules.settings import Stopping


class Checkpoint:
    """A copy of a network's weights and buffers, at first of those it began with."""

    def __init__(self, how: Stopping, network: nn.Module):
        self.how, self.network = how, network
        self.epoch = 0
        """The epoch whose weights these are, 1 being the first; 0 before any."""
        self._best = -float("inf")
        self._waited = 0
        self._state = copies(numbers_of(network))

    def offer(self, epoch: int, point: Mapping[str, float]) -> None:
        """Takes the network's weights, unless early stopping is on and an earlier epoch was as good."""
        if self.how.patience is None:
            self._take(epoch)
            return
        value = point[self.how.monitor] * (-1 if self.how.monitor == "val_loss" else 1)
        better = value > self._best
        self._waited = 0 if better else self._waited + 1
        if better:
            self._best = value
            self._take(epoch)

    @property
    def stop(self) -> bool:
        """Whether training has gone on for as long as it may without getting better."""
        return self.how.patience is not None and self._waited >= self.how.patience

    def restore(self) -> None:
        """Puts the weights into the network."""
        put(self._state, into=numbers_of(self.network))

    def _take(self, epoch: int) -> None:
        self.epoch = epoch
        put(numbers_of(self.network), into=self._state)
