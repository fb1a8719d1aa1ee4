"""Skip connections left out: networks without the ways around their branches (He et al. 2016)."""

from __future__ import annotations

import operator

from torch import fx, nn

from modules.surgery.skips import Skip, operands, residuals
from modules.surgery.tracing import set_forward


def cut_skips(model: nn.Module) -> int:
    """Leaves only the branch of every skip connection, and takes away the modules that stood in the way around.

    Works on a network that is a copy already; returns how many there were. Raises ValueError, naming the modules,
    where sums stand in forwards that cannot be traced: they may be skip connections.
    """
    found = residuals(model)
    for residual in found:
        _cut_in(*residual)
    return sum(len(skips) for *_, skips in found)


def _cut_in(module: nn.Module, graph: fx.Graph, skips: list[Skip]) -> None:
    before = _used(graph)
    # Places, since of nested skips the one is the other's operand, and gone when it is the other's turn.
    for total, place in [(skip.total, skip.place) for skip in skips]:
        _cut(total, place, graph)
    set_forward(module, graph)
    for name in before - _used(graph):
        _take_away(module, name, _used(graph))


def _cut(total: fx.Node, place: int, graph: fx.Graph) -> None:
    branch, alpha = operands(total)[place], total.kwargs.get("alpha", 1)
    if place == 1 and alpha != 1:
        with graph.inserting_before(total):
            branch = graph.call_function(operator.mul, (branch, alpha))
    total.replace_all_uses_with(branch)
    _prune(total, graph)


def _prune(node: fx.Node, graph: fx.Graph) -> None:
    """Erases a node and those that only it used."""
    if node.op != "placeholder" and not node.users:
        before = node.all_input_nodes
        graph.erase_node(node)
        for one in before:
            _prune(one, graph)


def _take_away(module: nn.Module, name: str, used: set[str]) -> None:
    """Lets go of a child that nothing calls any more, under all its names."""
    if any(one.startswith(f"{name}.") or name.startswith(f"{one}.") for one in used):
        return
    gone = module.get_submodule(name)
    for parent in list(module.modules()):
        for other in [other for other, child in parent._modules.items() if child is gone]:
            del parent._modules[other]


def _used(graph: fx.Graph) -> set[str]:
    return {str(node.target) for node in graph.nodes if node.op in ("call_module", "get_attr")}
