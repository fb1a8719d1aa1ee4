"""Sharpness-aware minimisation (Foret et al. 2021, ICLR)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch
from torch import nn

from modules.keeping import kept

Found = TypeVar("Found")


def sharpness_aware(compute: Callable[[], Found], network: nn.Module, rho: float) -> Found:
    """Leaves the gradients found at the worst point within `rho` of the weights, to first order.

    `compute` leaves gradients and is called twice: at the weights, whose answer is returned, and at the weights moved
    by rho times the normalised gradient. The second pass draws the same dropout masks, and leaves running statistics
    of batch norms as the first left them.
    """
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    with _same_draws(parameters[0].device) as again:
        found = compute()
        with _moved_uphill(parameters, rho), kept(network.buffers), again():
            compute()
    return found


@contextlib.contextmanager
def _moved_uphill(parameters: Sequence[nn.Parameter], rho: float) -> Iterator[None]:
    pairs = [(parameter, parameter.grad) for parameter in parameters if parameter.grad is not None]
    with kept(lambda: [parameter for parameter, _ in pairs]):
        norm = torch.nn.utils.get_total_norm([gradient for _, gradient in pairs])
        with torch.no_grad():
            for parameter, gradient in pairs:
                parameter.add_(gradient * (rho / (norm + 1e-12)))
        yield


@contextlib.contextmanager
def _same_draws(device: torch.device) -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
    """Hands out a context in which torch's global generators draw once more what they have drawn since."""
    gpu = [device] if device.type == "cuda" else []
    states = torch.get_rng_state(), [torch.cuda.get_rng_state(one) for one in gpu]

    @contextlib.contextmanager
    def again() -> Iterator[None]:
        with torch.random.fork_rng(devices=gpu):
            torch.set_rng_state(states[0])
            for one, state in zip(gpu, states[1], strict=True):
                torch.cuda.set_rng_state(state, one)
            yield

    yield again
