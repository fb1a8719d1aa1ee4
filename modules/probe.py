"""What reaches each layer and what comes back to it: how an initialisation is seen to work, or not."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from modules.data.splits import Part
from modules.forward import pass_images
from modules.keeping import kept
from modules.losses import LossFunction
from modules.settings import Precision
from modules.surgery import WEIGHTED
from modules.surgery.passes import modes_kept

Spreads = dict[str, dict[str, float]]
"""By layer, in the order of the pass: `activations` and `gradients`."""


def probe(network: nn.Module, batch: Part, loss: LossFunction, precision: Precision, draws: int) -> Spreads:
    """The spread of what every layer with weights puts out, and of the loss's gradient there (Glorot and Bengio 2010,
    figures 6 and 7): standard deviations over a batch, in training mode.

    Of a layer that is used several times, its first use. `draws` seeds what the pass draws, such as dropout's masks;
    weights, gradients, buffers, modes and torch's global generators are left as they were.
    """
    found: Spreads = {}
    handles = [
        layer.register_forward_hook(_noting(found, name), prepend=True)
        for name, layer in network.named_modules()
        if isinstance(layer, WEIGHTED)
    ]
    try:
        with modes_kept(network), kept(network.buffers), _own_draws(batch.images.device, draws):
            network.train()
            _there_and_back(network, batch, loss, precision)
    finally:
        for handle in handles:
            handle.remove()
    return found


def _there_and_back(network: nn.Module, batch: Part, loss: LossFunction, precision: Precision) -> None:
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    with torch.enable_grad():
        value = loss(pass_images(network, batch.images, precision).logits, batch.labels)
        torch.autograd.grad(value, trained, allow_unused=True)  # unlike backward(), it leaves no gradient behind


def _noting(found: Spreads, name: str) -> Callable[..., None]:
    def note(layer: nn.Module, args: Any, output: Any) -> None:
        if name in found or not isinstance(output, torch.Tensor):
            return
        spreads = found[name] = {"activations": _spread(output), "gradients": 0.0}
        if output.requires_grad:
            output.register_hook(lambda gradient: spreads.update(gradients=_spread(gradient)))

    return note


def _spread(values: torch.Tensor) -> float:
    return float(values.detach().double().std(correction=0))


@contextlib.contextmanager
def _own_draws(device: torch.device, seed: int) -> Iterator[None]:
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
