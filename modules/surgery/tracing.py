"""Seeing into a module's own forward: the calls in it that are no modules, by torch.fx, one module at a time.

Only code that runs the same way every time can be seen; children stay closed, so one opaque module hides nothing
but its own calls. Where a trace would be wrong it is not used: fx itself takes the training mode, defaults, random
draws and attributes that change for constants, lets a tensor's stand-in answer for its type, and passes over contexts
without gradients.
"""

from __future__ import annotations

import copy
import operator
import random
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import fx, nn
from torch.fx.proxy import TraceError
from torch.utils._pytree import tree_flatten, tree_unflatten


class _StandIn(fx.Proxy):
    """Stands for a tensor and is none, so that `isinstance` would decide wrongly."""

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # what `isinstance` asks for
        if _asked_by_torch():
            return _StandIn
        raise TraceError("the forward asks for the type of what passes through")


def _asked_by_torch() -> bool:
    """Whether fx or one of torch's functions asks, through the standard library or not, and not the forward."""
    frame: Any = sys._getframe(2)
    while frame.f_globals["__name__"].partition(".")[0] in sys.stdlib_module_names or frame.f_code is _IS_TENSOR:
        frame = frame.f_back
    by_torch = frame.f_globals["__name__"].partition(".")[0] == "torch"
    return by_torch or _ASKING.isdisjoint(frame.f_code.co_names)


_IS_TENSOR = torch.is_tensor.__code__
_ASKING = frozenset({"isinstance", "is_tensor", "__class__"})


class _OwnCalls(fx.Tracer):
    """Looks at one forward and at none of the children's; `bare` is a call that leaves out what has a default."""

    proxy_buffer_attributes = True

    def __init__(self, bare: bool):
        super().__init__()
        self.bare, self.context = bare, _context()

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return True

    def proxy(self, node: fx.Node) -> fx.Proxy:
        return _StandIn(node, self)

    def create_proxy(self, *args: Any, **kwargs: Any) -> fx.Proxy:
        if _context() != self.context:
            raise TraceError("the forward switches gradients or precision")
        return super().create_proxy(*args, **kwargs)

    def create_args_for_root(self, *args: Any, **kwargs: Any) -> tuple[Any, list[Any]]:
        function, given = super().create_args_for_root(*args, **kwargs)
        return function, [_default(one) if self.bare else one for one in given]


def _context() -> tuple[bool, ...]:
    autocast = torch.is_autocast_enabled("cpu"), torch.is_autocast_enabled("cuda")
    return torch.is_grad_enabled(), torch.is_inference_mode_enabled(), *autocast


def _default(given: Any) -> Any:
    """A placeholder has its default for an argument."""
    return given.node.args[0] if isinstance(given, fx.Proxy) and given.node.args else given


@dataclass(frozen=True, eq=False)
class TracedForward:
    """A module's forward as its graph says; copied with the module."""

    module: nn.Module
    graph: fx.Graph

    def __post_init__(self) -> None:
        code = self.graph.python_code("self")
        scope = dict(code.globals)
        exec(code.src, scope)  # as fx.GraphModule does it, which would be another class
        object.__setattr__(self, "_function", scope["forward"])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(self.module, *args, **kwargs)  # type: ignore[attr-defined]

    def __deepcopy__(self, memo: dict[int, Any]) -> TracedForward:
        return TracedForward(copy.deepcopy(self.module, memo), self.graph)

    def __reduce__(self) -> Any:
        raise TypeError(
            f"a {type(self.module).__name__} with an edited forward cannot be pickled; save its state_dict(), and "
            "build the network again"
        )


def has_own_forward(module: nn.Module) -> bool:
    """Whether the forward is of somebody's own: not that of torch's layers and containers."""
    return "forward" in vars(module) or not str(getattr(type(module).forward, "__module__", "")).startswith("torch.nn.")


def composites(model: nn.Module) -> list[nn.Module]:
    """Modules with a forward of somebody's own."""
    return [module for module in model.modules() if has_own_forward(module)]


def own_graph(module: nn.Module) -> fx.Graph | None:
    """The graph of the module's own forward; None where there is none that says all of what it does.

    Where the forward asks for the training mode the graph does, too. Where it asks whether it got what has a default,
    the graph is that of a call that leaves it out, and refuses others.
    """
    forward = vars(module).get("forward")
    if isinstance(forward, TracedForward):
        return copy.deepcopy(forward.graph)
    if forward is not None:
        return None
    bare = _in_both_modes(module, bare=True)
    if bare is None or not _optional(bare):
        return bare
    graph = _in_both_modes(module, bare=False)
    return graph if graph is not None and _same_when_bare(graph, bare) else _guarded(bare)


def set_forward(module: nn.Module, graph: fx.Graph) -> None:
    """Makes the graph the module's forward; its class, children, weights and hooks stay what they are."""
    graph.lint()
    module.forward = TracedForward(module, graph)  # type: ignore[assignment]


def _in_both_modes(module: nn.Module, bare: bool) -> fx.Graph | None:
    try:
        graph = _traced(module, True, bare)
        return graph if _reads_the_mode(graph, _traced(module, False, bare)) else None
    except Exception:  # fx raises whatever the code that it runs into raises
        return None


def _optional(graph: fx.Graph) -> dict[fx.Node, Any]:
    """What a call may leave out, and its defaults."""
    return {node: node.args[0] for node in graph.nodes if node.op == "placeholder" and node.args}


def _guarded(graph: fx.Graph) -> fx.Graph:
    """Lets a graph of calls that leave out what has a default refuse all others."""
    for node, default in _optional(graph).items():
        with graph.inserting_before(next(node for node in graph.nodes if node.op != "placeholder")):
            graph.call_function(refuse_given, (node, default, str(node.target)))
    return graph


def refuse_given(given: Any, default: Any, name: str) -> None:
    """Raises ValueError where something else than its default is given."""
    if given is not default and not (isinstance(given, bool | int | float | str) and given == default):
        raise ValueError(f"its forward was edited for calls that leave out `{name}`, since it asks whether it is given")


def _traced(module: nn.Module, training: bool, bare: bool) -> fx.Graph:
    """One trace of a shallow copy, so that nothing is left behind. Raises TraceError where running has effects."""
    twin = object.__new__(type(module))
    for name, value in vars(module).items():
        vars(twin)[name] = copy.copy(value) if isinstance(value, list | dict | set) else value
    twin.training = training
    before, state, dice = _state(twin), random.getstate(), np.random.get_state(legacy=False)
    with torch.random.fork_rng(devices=[]):
        drawn = torch.get_rng_state()
        try:
            graph = _OwnCalls(bare).trace(twin)
            untouched = torch.equal(drawn, torch.get_rng_state()) and _state(twin) == before
        finally:
            rolled = random.getstate() != state or not _same_dice(np.random.get_state(legacy=False), dice)
            random.setstate(state)
            np.random.set_state(dice)
    if rolled or not untouched:
        raise TraceError("the forward draws numbers, makes tensors of constants, or changes the module")
    return graph


def _same_dice(one: Any, other: Any) -> bool:
    """Of numpy's global generator, which drawing moves on."""
    keys = one["state"]["key"], other["state"]["key"]
    return one["state"]["pos"] == other["state"]["pos"] and np.array_equal(*keys)


def _state(module: nn.Module) -> dict[str, tuple[int, int]]:
    return {name: (id(value), len(value) if isinstance(value, list | dict | set) else 0)
            for name, value in vars(module).items()}  # fmt: skip


def _same_when_bare(graph: fx.Graph, bare: fx.Graph) -> bool:
    """Whether leaving out what has a default changes nothing but what is passed on in its place: `if mask is None` is
    decided while tracing.
    """
    defaults = _optional(graph)
    return [_told(node, defaults) for node in graph.nodes] == [_told(node, {}) for node in bare.nodes]


def _told(node: fx.Node, instead: dict[fx.Node, Any]) -> str:
    if node.op == "placeholder":
        return node.name
    leaves, form = tree_flatten((node.args, node.kwargs))
    passed = [instead.get(leaf, leaf) if isinstance(leaf, fx.Node) else leaf for leaf in leaves]
    return f"{node.op} {node.target} {form} {passed}"


def _reads_the_mode(graph: fx.Graph, evaluating: fx.Graph) -> bool:
    """Lets the graph of training mode read the mode wherever that of eval mode says False to its True, or the other
    way round; returns whether the two are the same but for that.
    """
    asked: dict[bool, fx.Node] = {}
    for node, twin in zip(list(graph.nodes), list(evaluating.nodes), strict=True):  # raises where one is longer
        ours, form = tree_flatten((node.args, node.kwargs))
        theirs, their_form = tree_flatten((twin.args, twin.kwargs))
        if (node.op, node.target, form) != (twin.op, twin.target, their_form):
            return False
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            if isinstance(one, bool) and isinstance(other, bool) and one != other:
                ours[place] = _mode(graph, asked, one)
            elif repr(one) != repr(other):
                return False
        node.args, node.kwargs = tree_unflatten(ours, form)
    return True


def _mode(graph: fx.Graph, asked: dict[bool, fx.Node], wanted: bool) -> fx.Node:
    """The node that says `self.training`, or that it is not so."""
    if True not in asked:
        with graph.inserting_before(next(node for node in graph.nodes if node.op != "placeholder")):
            asked[True] = graph.get_attr("training")
    if wanted not in asked:
        with graph.inserting_after(asked[True]):
            asked[False] = graph.call_function(operator.not_, (asked[True],))
    return asked[wanted]
