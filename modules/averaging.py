"""Averages of weights over steps (Polyak and Juditsky 1992; Izmailov et al. 2018), validated and measured in the
place of the last weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import get_ema_multi_avg_fn, get_swa_multi_avg_fn

from modules.data.splits import Part
from modules.forward import pass_images
from modules.keeping import copies, numbers_of, put
from modules.settings import Averaging, Precision


class Average:
    """The running average of a network's parameters and buffers; of whole numbers among them the newest ones.

    `images` are those trained on, in batches of even size, by which batch norms are refreshed.
    """

    def __init__(
        self, how: Averaging, network: nn.Module, epochs: int, images: Iterable[Part], precision: Precision = "float32"
    ):
        self.how, self.network, self.images, self.precision = how, network, images, precision
        self.first = min(round(how.start * epochs), epochs - 1) + 1
        """The epoch after which `swa` takes its first weights."""
        self.count = 0
        self._update = get_ema_multi_avg_fn(how.decay) if how.kind == "ema" else get_swa_multi_avg_fn()
        self._numbers: list[torch.Tensor] = []  # a network that is not averaged is not copied
        self._norms = batch_norms(network)

    def step_ended(self) -> None:
        if self.how.kind == "ema":
            self._add()

    def epoch_ended(self, epoch: int) -> None:
        """`epoch` counts from 1."""
        if self.how.kind == "swa" and epoch >= self.first:
            self._add()

    def exchange(self) -> None:
        """Puts the average into the network, and what was in the network here; a second time undoes it."""
        if self.count:
            held = copies(numbers_of(self.network))
            put(self._numbers, into=numbers_of(self.network))
            put(held, into=self._numbers)

    def settle(self) -> None:
        """With the average in the network: norms whose statistics no average describes see the images once more."""
        if self.how.kind == "swa" and self.count:
            refresh_norms(self.network, self._norms, self.images, self.precision)

    @torch.no_grad()
    def _add(self) -> None:
        newest = numbers_of(self.network)
        if self.count:
            self._move_towards(newest)
        else:
            self._numbers = copies(newest)
        self.count += 1

    def _move_towards(self, newest: Sequence[torch.Tensor]) -> None:
        averaged = [tensor.is_floating_point() for tensor in newest]
        copied = [not one for one in averaged]
        self._update(list(compress(self._numbers, averaged)), list(compress(newest, averaged)), self.count)
        put(compress(newest, copied), into=compress(self._numbers, copied))


def batch_norms(network: nn.Module) -> list[_BatchNorm]:
    """The batch norms that gather statistics while training; of frozen ones they stay."""
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    return [norm for norm in norms if norm.track_running_stats and norm.training]


@torch.no_grad()
def refresh_norms(
    network: nn.Module, norms: Sequence[_BatchNorm], images: Iterable[Part], precision: Precision = "float32"
) -> None:
    """Computes the running statistics of batch norms anew, as means over batches of `images`, everything else in eval
    mode."""
    if norms:
        with _cumulative(network, norms):
            for batch, _ in images:
                pass_images(network, batch, precision)


@contextlib.contextmanager
def _cumulative(network: nn.Module, norms: Sequence[_BatchNorm]) -> Iterator[None]:
    modes = {module: module.training for module in network.modules()}
    momenta = [norm.momentum for norm in norms]
    network.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum, norm.training = None, True
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
