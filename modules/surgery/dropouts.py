"""The dropout that a network has of its own, as modules and as functional calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
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


class Family(NamedTuple):
    """One sort of dropout: as modules, as functions, and what these are called in source code."""

    modules: tuple[type[nn.Module], ...]
    functions: tuple[Callable[..., torch.Tensor], ...]
    names: frozenset[str]


UNITS = Family((nn.Dropout,), (F.dropout, torch.dropout, torch.dropout_), frozenset({"dropout", "dropout_"}))
"""Of single units, that in attention included."""
MAPS = Family(
    (nn.Dropout1d, nn.Dropout2d, nn.Dropout3d),
    (F.dropout1d, F.dropout2d, F.dropout3d),
    frozenset({"dropout1d", "dropout2d", "dropout3d"}),
)
"""Of whole feature maps."""


class Own(NamedTuple):
    """What dropout there is, and how much of it has another p now."""

    found: int
    changed: int
    opaque: Counter[str]
    """Calls that cannot be changed, by function and where they stand."""


def set_dropout(model: nn.Module, p: float, example: torch.Tensor | None = None, family: Family = UNITS) -> Own:
    """Gives the network's own dropout, but for what is switched off, another p. Works on a network that is a copy
    already. Given an example, calls that no trace sees count only if a training pass makes them.
    """
    modules, calls = _set_in_modules(model, p, family), _set_in_calls(model, p, family)
    found, changed, opaque = modules.found + calls.found, modules.changed + calls.changed, calls.opaque
    if not opaque or example is None:
        return Own(found, changed, opaque)
    with _Made(family.functions) as seen:
        training_pass(model, example)
    return Own(found + len(seen.probabilities), changed, opaque if seen.probabilities - {p} else Counter())


def _set_in_modules(model: nn.Module, p: float, family: Family) -> Own:
    dropouts: list[Any] = [module for module in of_kind(model, family.modules) if module.p]
    attentions = [module for module in of_kind(model, (nn.MultiheadAttention,)) if module.dropout and family is UNITS]
    changed = sum(module.p != p for module in dropouts) + sum(module.dropout != p for module in attentions)
    for dropout in dropouts:
        dropout.p = p
    for attention in attentions:
        attention.dropout = p
    return Own(len(dropouts) + len(attentions), changed, Counter())


def _set_in_calls(model: nn.Module, p: float, family: Family) -> Own:
    """Those that a trace sees; the others are counted as opaque."""
    found, changed, opaque = 0, 0, Counter[str]()
    for module in composites(model):
        if not may_call(module, family.names):
            continue
        graph = own_graph(module)
        if graph is None:
            opaque += in_module(module, written_calls(module, family.names))
            continue
        calls = [node for node in graph.nodes if node.op == "call_function" and node.target in family.functions]
        on = [node for node in calls if _p(node)]
        others = [node for node in on if _p(node) != p]
        for node in others:
            _set_p(node, p)
        if others:
            set_forward(module, graph)
        found, changed = found + len(on), changed + len(others)
    return Own(found, changed, opaque)


class _Made(TorchFunctionMode):
    """The probabilities of the dropout that is on while it looks."""

    def __init__(self, functions: tuple[Callable[..., torch.Tensor], ...]) -> None:
        super().__init__()
        self.functions = functions
        self.probabilities: set[float] = set()

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        if func in self.functions:
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
