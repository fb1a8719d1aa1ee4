"""The dropout that a network has of its own, as modules and as functional calls."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import torch
from torch import fx, nn
from torch.nn import functional as F

from modules.surgery.calls import in_module
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


def set_dropout(model: nn.Module, p: float) -> Own:
    """Gives the network's own dropout, but for what is switched off, another p. Works on a copy already."""
    own = [dropout for dropout in of_kind(model, (nn.Dropout,)) if dropout.p]
    found, changed, opaque = len(own), sum(dropout.p != p for dropout in own), Counter[str]()
    for dropout in own:
        dropout.p = p
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
    return Own(found, changed, opaque)


def _p(node: fx.Node) -> object:
    return node.args[1] if len(node.args) > 1 else node.kwargs.get("p", 0.5)


def _set_p(node: fx.Node, p: float) -> None:
    if len(node.args) > 1:
        node.update_arg(1, p)
    else:
        node.update_kwarg("p", p)
