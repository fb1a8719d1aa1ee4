"""Numbers that are kept aside and put back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import nn


def numbers_of(network: nn.Module) -> list[torch.Tensor]:
    """The parameters and buffers of a network, each once however often it is used."""
    return [tensor.detach() for tensor in (*network.parameters(), *network.buffers())]


def copies(tensors: Iterable[torch.Tensor]) -> list[torch.Tensor]:
    """The same numbers, independent of what becomes of the tensors."""
    return [tensor.detach().clone() for tensor in tensors]


@torch.no_grad()
def put(numbers: Iterable[torch.Tensor], into: Iterable[torch.Tensor]) -> None:
    """Writes numbers into tensors, to the last bit."""
    for tensor, new in zip(into, numbers, strict=True):
        tensor.copy_(new)


@contextlib.contextmanager
def kept(read: Callable[[], Iterable[torch.Tensor]]) -> Iterator[None]:
    """Puts the numbers in tensors back on leaving, to the last bit.

    `read` is asked again then, since a forward may have put other buffers in the place of those that were there.
    """
    before = copies(read())
    try:
        yield
    finally:
        put(before, read())
