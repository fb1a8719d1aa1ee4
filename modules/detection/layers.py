"""The layers whose inputs are the features of a network."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from modules.detection.regions import Regions, Warper
from modules.forward import pass_images
from modules.measures import EVALUATION_BATCH
from modules.settings import Precision
from modules.surgery.passes import trial_pass

NORM = 20.0
"""Mean length of features once they are scaled, as in the published code, by which its penalties count."""


class Seen(NamedTuple):
    """What a network makes of regions, a row for each."""

    maps: np.ndarray
    """(R, F): what comes into its first linear layer, where places are still kept apart (`pool5` as published)."""
    features: np.ndarray
    """(R, D): what comes into its last layer (`fc7` as published)."""
    logits: torch.Tensor
    """(R, K + 1)."""


def last_layer(network: nn.Module, example: torch.Tensor) -> nn.Module:
    """The layer that is called last, by which classes are told apart."""
    return _called(network, example)[-1]


def _called(network: nn.Module, example: torch.Tensor) -> list[nn.Module]:
    """The linear layers in the order in which images pass them; the convolutions where there are none."""
    order: list[nn.Module] = []
    layers = [module for module in network.modules() if isinstance(module, nn.Linear | nn.Conv2d)]
    hooks = [layer.register_forward_pre_hook(lambda layer, _: order.append(layer)) for layer in layers]
    try:
        trial_pass(network, example)
    finally:
        for hook in hooks:
            hook.remove()
    linear = [layer for layer in order if isinstance(layer, nn.Linear)]
    if not order:
        raise ValueError("R-CNN takes features from linear layers or convolutions; the model has neither: take another")
    return [*linear] or order[-1:]


@torch.no_grad()
def see(network: nn.Module, warper: Warper, regions: Regions, precision: Precision) -> Seen:
    """Passes regions through the network in eval mode; numbers that are not finite, of a network that diverged, become
    zeros."""
    network.eval()
    layers = _called(network, warper.warp(regions.image[:1], regions.boxes[:1]))
    chunks = []
    for start in range(0, len(regions.image), EVALUATION_BATCH):
        rows = slice(start, start + EVALUATION_BATCH)
        squares = warper.warp(regions.image[rows], regions.boxes[rows])
        chunks.append(_passed(network, (layers[0], layers[-1]), squares, precision))
    maps, features, logits = (torch.cat(column) for column in zip(*chunks, strict=True))
    return Seen(_numbers(maps), _numbers(features), logits)


def _passed(
    network: nn.Module, layers: tuple[nn.Module, nn.Module], squares: torch.Tensor, precision: Precision
) -> tuple[torch.Tensor, ...]:
    inputs: dict[nn.Module, torch.Tensor] = {}

    def keep(layer: nn.Module, given: tuple[Any, ...]) -> None:
        inputs[layer] = given[0]

    hooks = [layer.register_forward_pre_hook(keep) for layer in dict.fromkeys(layers)]
    try:
        logits = pass_images(network, squares, precision).logits
    finally:
        for hook in hooks:
            hook.remove()
    return *(_flat(inputs[layer]) for layer in layers), logits


def _flat(features: torch.Tensor) -> torch.Tensor:
    """One row for each region; of maps that come into a last convolution, their means."""
    return features.mean(dim=(2, 3)) if features.ndim == 4 else features.flatten(1)


def _numbers(features: torch.Tensor) -> np.ndarray:
    return features.float().nan_to_num(0, 0, 0).cpu().numpy()


def scale_of(features: np.ndarray) -> float:
    """What gives features (R, D) the published mean length."""
    return NORM / max(float(np.linalg.norm(features, axis=1).mean()), 1e-9)
