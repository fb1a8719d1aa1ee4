"""Muon (Jordan et al. 2024): orthogonalised momentum for the weight matrices of hidden layers, AdamW for all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from modules.surgery import WEIGHTED, of_kind
from modules.zoo.auxiliary import AuxiliaryHead


class Muon(torch.optim.Optimizer):
    """Muon (Jordan et al. 2024) for the groups marked `hidden`, AdamW (Loshchilov and Hutter 2019) for the others.

    A weight of any shape counts as a matrix of len(weight) rows: that of a convolution as (out, in / groups x k x k).
    Steps are scaled to the size of AdamW's (Liu et al. 2025), so that one learning rate serves both; weight decay is
    decoupled in both. torch's Muon orthogonalises in bfloat16, which leaves singular values between 0.5 and 1.5 about.
    """

    def __init__(self, groups: list[dict[str, Any]], lr: float, momentum: float = 0.95):
        super().__init__(groups, {"lr": lr, "weight_decay": 0.0, "hidden": False})
        self._parts = [_part(group, momentum) for group in self.param_groups]

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group, part in zip(self.param_groups, self._parts, strict=True):
            (its,) = part.param_groups
            its.update(lr=group["lr"], weight_decay=group["weight_decay"])
            if group["hidden"]:
                step_as_matrices(part, group["params"])
            else:
                part.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"parts": [part.state_dict() for part in self._parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        for part, state in zip(self._parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)


def _part(group: dict[str, Any], momentum: float) -> torch.optim.Optimizer:
    if not group["hidden"]:
        return torch.optim.AdamW(group["params"], lr=group["lr"])
    matrices = [weight.detach().reshape(len(weight), -1) for weight in group["params"]]
    return torch.optim.Muon(matrices, lr=group["lr"], momentum=momentum, adjust_lr_fn="match_rms_adamw")


def step_as_matrices(optimizer: torch.optim.Optimizer, weights: list[torch.Tensor]) -> None:
    """A step of an optimizer of matrices on weights of any shape, whose numbers and gradients it is lent for a step.

    Not for longer: where a network was moved, or its gradients set to None, the next step has other tensors.
    """
    matrices = optimizer.param_groups[0]["params"]
    for weight, matrix in zip(weights, matrices, strict=True):
        matrix.data = weight.data.reshape(len(weight), -1)
        matrix.grad = None if weight.grad is None else weight.grad.reshape(len(weight), -1)
    optimizer.step()
    optimizer.zero_grad()
    for weight, matrix in zip(weights, matrices, strict=True):
        weight.copy_(matrix.view(weight.shape))  # changes nothing, but where weights lie channels last


def muon_groups(groups: list[dict[str, Any]], model: nn.Module) -> list[dict[str, Any]]:
    """Parameter groups, each parted into what is Muon's and what is AdamW's."""
    matrices = {id(weight) for weight in hidden_matrices(model)}
    parted = [
        {**group, "params": [p for p in group["params"] if (id(p) in matrices) is hidden], "hidden": hidden}
        for group in groups
        for hidden in (True, False)
    ]
    return [group for group in parted if group["params"]]


def hidden_matrices(model: nn.Module) -> list[nn.Parameter]:
    """The weights of convolutions and linear layers but the first and the last, which Jordan leaves to AdamW.

    First and last as they are registered; the last layer of an auxiliary head is an output, too.
    """
    layers = of_kind(model, WEIGHTED)
    outputs = [layer for part in (model, *of_kind(model, (AuxiliaryHead,))) for layer in of_kind(part, WEIGHTED)[-1:]]
    edges = {id(p) for layer in (*layers[:1], *outputs) for p in layer.parameters(recurse=False)}
    weights = [p for layer in layers for p in layer.parameters(recurse=False) if p.ndim >= 2]
    return [weight for weight in weights if id(weight) not in edges]
