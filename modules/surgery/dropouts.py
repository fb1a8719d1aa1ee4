"""The dropout that a network has of its own, as modules and as functional calls."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import torch
from torch import fx, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from modules.surgery.calls import in_module
from modules.surgery.passes import training_pass
from modules.surgery.tools import of_kind
from modules.surgery.tracing import composites, own_graph, set_forward
from modules.surgery.written import may_call, written_calls

NAMES = frozenset({"dropout", "dropout_"})
FUNCTIONS = (F.dropout, torch.dropout, torch.dropout_)


class Own(NamedTuple):
    """What dropout there is, and how much of it has another p now."""

    found: int
    changed: int
    opaque: Counter[str]
    """Calls that cannot be changed, by function and where they stand."""


def set_dropout(model: nn.Module, p: float, example: torch.Tensor | None = None) -> Own:
    """Gives the network's own dropout, but for what is switched off, another p. Works on a network that is a copy
    already. Given an example, calls that no trace sees count only if a training pass makes them.
    """
    found, changed = _set_in_modules(model, p)
    opaque = Counter[str]()
    for module in composites(model):
        if not may_call(module, NAMES):
            continue
        graph = own_graph(module)
        if graph is None:
            opaque += in_module(module, written_calls(module, NAMES))
            continue
        calls = [node for node in graph.nodes if node.op == "call_function" and node.target in FUNCTIONS and _p(node)]
        others = [node for node in calls if _p(node) != p]
        for node in others:
            _set_p(node, p)
        if others:
            set_forward(module, graph)
        found, changed = found + len(calls), changed + len(others)
    if not opaque or example is None:
        return Own(found, changed, opaque)
    with _Made() as made:
        training_pass(model, example)
    return Own(found + len(made.probabilities), changed, opaque if made.probabilities - {p} else Counter())


def _set_in_modules(model: nn.Module, p: float) -> tuple[int, int]:
    """How many there are, and how many had another p."""
    dropouts = [module for module in of_kind(model, (nn.Dropout,)) if module.p]
    attentions = [module for module in of_kind(model, (nn.MultiheadAttention,)) if module.dropout]
    changed = sum(module.p != p for module in dropouts) + sum(module.dropout != p for module in attentions)
    for dropout in dropouts:
        dropout.p = p
    for attention in attentions:
        attention.dropout = p
    return len(dropouts) + len(attentions), changed


class _Made(TorchFunctionMode):
    """The probabilities of the dropout that is on while it looks."""

    def __init__(self) -> None:
        super().__init__()
        self.probabilities: set[float] = set()

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        if func in FUNCTIONS:
            given = dict(zip(("input", "p", "training"), args, strict=False)) | (kwargs or {})
            on = given.get("training", given.get("train", True))
            self.probabilities |= {given.get("p", 0.5)} - {0} if on else set()
        return func(*args, **(kwargs or {}))


def _p(node: fx.Node) -> object:
    return node.args[1] if len(node.args) > 1 else node.kwargs.get("p", 0.5)


def _set_p(node: fx.Node, p: float) -> None:
    if len(node.args) > 1:
        node.update_arg(1, p)
    else:
        node.update_kwarg("p", p)
