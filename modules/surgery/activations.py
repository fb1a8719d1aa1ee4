"""Activations by name, and how they look in networks: as modules, and as functional calls."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F

from modules.surgery.tools import alike, of_kind

KINDS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "prelu": nn.PReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "softplus": nn.Softplus,
    "hardswish": nn.Hardswish,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}
"""The usual ones; each is built with its default settings."""
ACTIVATIONS = (*KINDS.values(), nn.ReLU6, nn.RReLU, nn.CELU, nn.Hardtanh, nn.Softsign)
FUNCTIONS = frozenset({
    F.relu, F.relu_, torch.relu, torch.relu_, F.leaky_relu, F.leaky_relu_, F.prelu, torch.prelu, F.elu, F.elu_, F.selu,
    F.selu_, torch.selu, torch.selu_, F.gelu, F.silu, F.mish, F.softplus, F.hardswish, F.tanh, torch.tanh, torch.tanh_,
    F.sigmoid, torch.sigmoid, torch.sigmoid_, F.relu6, F.rrelu, F.rrelu_, F.celu, F.celu_, torch.celu, torch.celu_,
    F.hardtanh, F.hardtanh_, F.softsign,
})  # fmt: skip
METHODS = frozenset({"relu", "relu_", "prelu", "tanh", "tanh_", "sigmoid", "sigmoid_"})
"""Those that tensors have."""
NAMES = METHODS | {function.__name__ for function in FUNCTIONS}
"""As they are written in source code."""


def activation_call(node: fx.Node) -> str | None:
    """The name of the activation that a node of a traced forward calls; None where it calls none."""
    if node.op == "call_function" and node.target in FUNCTIONS:
        return node.target.__name__.rstrip("_")  # type: ignore[union-attr]
    if node.op == "call_method" and node.target in METHODS:
        return str(node.target).rstrip("_")
    return None


def set_in_transformers(model: nn.Module, name: str) -> int:
    """Gives torch's transformer layers that keep theirs as a function another activation; returns to how many.

    Works on a network that is a copy already.
    """
    changed = 0
    for layer in of_kind(model, (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)):
        own: Any = layer.activation
        if type(own) is KINDS[name] or getattr(own, "__name__", None) == name:
            continue
        # Or the fast path of eval mode would use the old one, whatever module stands there.
        layer.activation_relu_or_gelu = 0  # type: ignore[assignment]
        if not isinstance(own, nn.Module):
            layer.activation = KINDS[name]().train(layer.training)
            alike(layer.activation, layer)
            changed += 1
    return changed
