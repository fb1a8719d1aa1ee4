"""Functional calls, found in the modules' own forwards, and modules in their place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from torch import fx, nn

from modules.surgery.tools import adopt, alike
from modules.surgery.tracing import composites, own_graph, set_forward
from modules.surgery.written import may_call, written_calls


class Rewritten(NamedTuple):
    """What came of looking for functional calls."""

    replaced: int
    opaque: Counter[str]
    """Calls that cannot be replaced, by function and where they stand."""


def replace_calls(model: nn.Module, stand_in: Callable[[fx.Node], nn.Module | None], names: Iterable[str]) -> Rewritten:
    """Replaces functional calls by children, wherever `stand_in` makes one for a node of some module's own forward.

    `names` are what the functions are called in source code. Works on a network that is a copy already.
    """
    replaced, opaque = 0, Counter[str]()
    names = frozenset(names)
    for module in composites(model):
        if not may_call(module, names):
            continue
        graph = own_graph(module)
        if graph is None:
            opaque += in_module(module, written_calls(module, names))
            continue
        calls = [(node, child) for node in graph.nodes if (child := stand_in(node)) is not None]
        for node, child in calls:
            alike(child, module, model)
            if not _call_instead(module, graph, node, child):
                opaque += in_module(module, Counter([name_of_call(node)]))
        if calls:
            set_forward(module, graph)
        replaced += len(calls)
    return Rewritten(replaced, opaque)


def read_results(model: nn.Module, kinds: tuple[type[nn.Module], ...]) -> Counter[str]:
    """Lets what follows a module that works in place read its result, so that one of another kind can stand there.

    Returns the calls of which nothing reads the result. Works on a network that is a copy already.
    """
    unread = Counter[str]()
    for module in composites(model):
        working = any(getattr(child, "inplace", False) for child in module.children() if isinstance(child, kinds))
        graph = own_graph(module) if working else None
        for node in [] if graph is None else list(graph.nodes):
            child = module.get_submodule(str(node.target)) if node.op == "call_module" else None
            if graph is not None and isinstance(child, kinds) and getattr(child, "inplace", False):
                if hand_on(node, input_of(node), node):
                    set_forward(module, graph)
                if not node.users:
                    unread += in_module(module, Counter([type(child).__name__]))
    return unread


def hand_on(call: fx.Node, source: fx.Node, done: fx.Node) -> bool:
    """Lets what comes after a call read its result instead of what it worked on; returns whether there was any."""
    later = [node for node in _after(call) if node is not done and source in node.all_input_nodes]
    for node in later:
        node.replace_input_with(source, call)
    return bool(later)


def input_of(node: fx.Node) -> fx.Node:
    """What a call works on."""
    return node.args[0] if node.args else node.kwargs["input"]  # type: ignore[return-value]


def name_of_call(node: fx.Node) -> str:
    """The function's name, without the underscore of what works in place."""
    return str(getattr(node.target, "__name__", node.target)).rstrip("_")


def in_module(module: nn.Module, calls: Counter[str]) -> Counter[str]:
    return Counter({f"{name} in {type(module).__name__}": count for name, count in calls.items()})


def _call_instead(module: nn.Module, graph: fx.Graph, node: fx.Node, child: nn.Module) -> bool:
    """Returns whether anything reads the result."""
    name = adopt(module, name_of_call(node), child)
    with graph.inserting_after(node):
        call = graph.call_module(name, (input_of(node),))
    node.replace_all_uses_with(call)
    if _in_place(node):
        hand_on(call, input_of(node), node)
    graph.erase_node(node)
    return bool(call.users)


def _in_place(node: fx.Node) -> bool:
    name = str(getattr(node.target, "__name__", node.target))
    return name.endswith("_") or node.kwargs.get("inplace") is True


def _after(node: fx.Node) -> list[fx.Node]:
    nodes = list(node.graph.nodes)
    return nodes[nodes.index(node) + 1 :]
