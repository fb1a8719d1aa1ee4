"""Skip connections, found in a module's own forward: sums of a branch and of a shorter way around it."""

from __future__ import annotations

import operator
from collections import Counter
from typing import NamedTuple

import torch
from torch import fx, nn
from torch.nn import functional as F

from modules.surgery.tools import of_kind
from modules.surgery.tracing import composites, own_graph
from modules.surgery.written import written_sums

SUMS = (operator.add, operator.iadd, torch.add)
SUM_METHODS = ("add", "add_", "__add__", "__iadd__", "__radd__")
LAYERS = (
    F.linear, F.conv1d, F.conv2d, F.conv3d, F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d, F.bilinear,
    torch.matmul, operator.matmul,
)  # fmt: skip
"""Functions that do what layers with weights do."""
MEASURES = frozenset({"size", "dim", "numel", "shape", "ndim", "dtype", "device", "new_zeros", "new_ones", "new_empty",
                      "zeros_like", "ones_like", "empty_like", "rand_like", "randn_like"})  # fmt: skip
"""Calls and attributes that depend on a tensor's form and not on what is in it."""


class Skip(NamedTuple):
    """A sum, and its operands."""

    total: fx.Node
    branch: fx.Node
    shortcut: fx.Node

    @property
    def place(self) -> int:
        """Which operand of the sum the branch is, 0 or 1."""
        return operands(self.total).index(self.branch)


class Residual(NamedTuple):
    """A module in whose forward skip connections end."""

    module: nn.Module
    graph: fx.Graph
    skips: list[Skip]


class Length(NamedTuple):
    """How long a way is, to be compared."""

    weighted: int
    """Layers with a matrix of weights."""
    layers: int


def residuals(model: nn.Module) -> list[Residual]:
    """All skip connections: modules in the order of registration, each once, and sums in the order of the forward.

    Raises ValueError, naming the modules, where sums stand in forwards that cannot be traced: they may be skip
    connections.
    """
    traced = [(module, own_graph(module)) for module in composites(model)]
    _refuse_opaque([module for module, graph in traced if graph is None] + of_kind(
        model, (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)
    ))  # fmt: skip
    return [found for module, graph in traced if graph is not None and (found := _skips_in(module, graph)).skips]


def on_shortcuts(model: nn.Module) -> set[nn.Module]:
    """The modules that stand in a way around a branch, such as projections, with all that is in them; of forwards that
    no trace sees there is no telling.
    """
    traced = [(module, own_graph(module)) for module in composites(model)]
    found = [_skips_in(module, graph) for module, graph in traced if graph is not None]
    return {
        inner
        for module, _, skips in found
        for skip in skips
        for node in _ancestors(skip.shortcut) - _ancestors(skip.branch)
        if node.op == "call_module"
        for inner in module.get_submodule(str(node.target)).modules()
    }


def _skips_in(module: nn.Module, graph: fx.Graph) -> Residual:
    return Residual(module, graph, [skip for node in graph.nodes if (skip := skip_at(node, module))])


def _refuse_opaque(modules: list[nn.Module]) -> None:
    sums = Counter[str]()
    for module in modules:
        sums[type(module).__name__] += written_sums(module)
    if said := ", ".join(f"{count} in {kind}" for kind, count in sorted(sums.items()) if count):
        raise ValueError(
            f"sums in a forward that cannot be traced may be skip connections ({said}); let that forward run the same "
            "way every time, or move its sums into modules of their own"
        )


def skip_at(node: fx.Node, module: nn.Module) -> Skip | None:
    """The skip connection that ends in a sum in the forward of `module`; None where its operands are equally long
    ways, or have no fork.

    The shortcut is the shorter way from the fork, with one layer of weights at most: none in the identity, one in a
    projection.
    """
    summed = (node.op == "call_function" and node.target in SUMS) or (
        node.op == "call_method" and node.target in SUM_METHODS
    )
    if not summed or len(operands(node)) != 2:
        return None
    ways = [_ancestors(operand) for operand in operands(node)]
    if not any(common.op != "get_attr" for common in ways[0] & ways[1]):
        return None
    lengths = [_length(way - other, module) for way, other in zip(ways, reversed(ways), strict=True)]
    if lengths[0] == lengths[1] or min(lengths).weighted > 1:
        return None
    branch, shortcut = operands(node) if lengths[0] > lengths[1] else reversed(operands(node))
    return Skip(node, branch, shortcut)


def operands(total: fx.Node) -> list[fx.Node]:
    """What a sum adds, but for constants."""
    given = (*total.args, total.kwargs.get("input"), total.kwargs.get("other"))
    return [one for one in given if isinstance(one, fx.Node)]


def _ancestors(node: fx.Node) -> set[fx.Node]:
    """The node and all whose values it depends on."""
    found: set[fx.Node] = set()
    open_ = [node]
    while open_:
        here = open_.pop()
        if here not in found:
            found.add(here)
            open_ += [] if _measures(here) else here.all_input_nodes
    return found


def _measures(node: fx.Node) -> bool:
    said = node.args[1] if node.target is getattr else getattr(node.target, "__name__", node.target)
    return said in MEASURES


def _length(way: set[fx.Node], module: nn.Module) -> Length:
    functional = sum(node.op == "call_function" and node.target in LAYERS for node in way)
    children = [module.get_submodule(str(node.target)) for node in way if node.op == "call_module"]
    return Length(
        functional + sum(_is_matrix(parameter) for child in children for parameter in child.parameters()),
        functional + sum(_is_layer(inner) for child in children for inner in child.modules()),
    )


def _is_matrix(parameter: nn.Parameter) -> bool:
    """Not the biases and factors of channels, however they are shaped."""
    return parameter.dim() > 1 and parameter.numel() > max(parameter.shape)


def _is_layer(module: nn.Module) -> bool:
    containers = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
    return not list(module.children()) and not isinstance(module, (nn.Identity, *containers))
