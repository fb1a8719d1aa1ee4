"""Reading the source of a forward: what is written in it, where no trace can see what it does."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any

from torch import nn


def written_calls(module: nn.Module, names: Iterable[str]) -> Counter[str]:
    """How often functions or methods of these names are called in the source of a module's forward and of the
    functions of its author's own that it calls; by name, without the underscore of what works in place.
    """
    wanted = frozenset(names)
    return Counter(
        name.rstrip("_")
        for owner, function, tree in _bodies(module)
        for name in _called_names(function, tree, owner)
        if name in wanted
    )


def may_call(module: nn.Module, names: Iterable[str]) -> bool:
    """Whether the forward, or what it calls of its author's own, names functions or methods so, or calls what cannot
    be told from the source. Reading is some hundred times as fast as tracing.
    """
    if "forward" in vars(module):  # edited before, or put there: its source is not what runs
        return True
    wanted = frozenset(names)
    return any(
        tree is None
        or any(_is_unknown(call.func, function, owner) for call in _calls(tree))
        or any(_names(node, function, owner, wanted) for node in ast.walk(tree))
        for owner, function, tree in _bodies(module)
    )


def _is_unknown(called: ast.expr, function: FunctionType, module: nn.Module) -> bool:
    """Something local, computed, or an object of somebody's own; not methods of what passes through."""
    callees = _callees(called, function, module)
    if callees:
        return not all(isinstance(callee, nn.Module) or hasattr(callee, "__name__") for callee in callees)
    known = isinstance(called, ast.Attribute) or (isinstance(called, ast.Name) and hasattr(builtins, called.id))
    return not known


def _names(node: ast.AST, function: FunctionType, module: nn.Module, wanted: frozenset[str]) -> bool:
    """Whether an expression, called or passed on to be called, names one of these."""
    if not isinstance(node, ast.Attribute | ast.Name):
        return False
    meant = _callees(node, function, module)
    named = [getattr(one, "__name__", None) for one in meant] if meant else [_last_name(node)]
    return not wanted.isdisjoint(named)


def written_sums(module: nn.Module) -> int:
    """How many sums of two things, neither a constant nor an index, stand in the forward and in what it calls from the
    files of its classes; 1 where there is no source.
    """
    bodies = list(_bodies(module))
    near = {kind.__module__ for kind in type(module).__mro__} | {bodies[0][1].__module__ for _ in bodies[:1]}
    trees = [tree for _, function, tree in bodies if function.__module__ in near]
    return sum(1 if tree is None else len(_sums(tree)) for tree in trees)


def _bodies(module: nn.Module) -> Iterator[tuple[nn.Module, FunctionType, ast.AST | None]]:
    """The forward, and the functions of its author's own that it calls, each once, with the module that is `self` in
    it; None where there is no source.
    """
    forward = vars(module).get("forward", type(module).forward)
    seen: set[FunctionType] = set()
    open_: list[tuple[nn.Module, Any]] = [(module, forward)]
    while open_:
        owner, callee = open_.pop()
        bound, function = getattr(callee, "__self__", owner), getattr(callee, "__func__", callee)
        owner = bound if isinstance(bound, nn.Module) else owner
        if not isinstance(function, FunctionType) or function in seen:
            continue
        seen.add(function)
        tree = _parsed(function)
        yield owner, function, tree
        for call in _calls(tree):
            open_ += [(owner, callee) for callee in _callees(call.func, function, owner) if _is_own(callee)]


@functools.cache
def _parsed(function: FunctionType) -> ast.AST | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None


def _calls(tree: ast.AST | None) -> list[ast.Call]:
    return [] if tree is None else [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _called_names(function: FunctionType, tree: ast.AST | None, module: nn.Module) -> Iterator[str]:
    """What is called, but for children, which are seen anyway, and for what is looked into."""
    if tree is None:
        yield from (
            name for name in function.__code__.co_names if not isinstance(getattr(module, name, None), nn.Module)
        )
    for call in _calls(tree):
        callees = _callees(call.func, function, module)
        if not any(isinstance(callee, nn.Module) or _is_own(callee) for callee in callees):
            yield next((callee.__name__ for callee in callees if hasattr(callee, "__name__")), _last_name(call.func))


def _callees(called: ast.expr, function: FunctionType, module: nn.Module) -> list[Any]:
    """What an expression stands for, as far as that can be told: several for `super()`, none for what is local."""
    match called:
        case ast.Name("self"):
            found: list[Any] = [module]
        case ast.Name(name) if name in function.__globals__:
            found = [function.__globals__[name]]
        case ast.Attribute(ast.Call(ast.Name("super")), name):
            found = [vars(kind)[name] for kind in type(module).__mro__ if name in vars(kind)]
        case ast.Attribute(owner, name):
            owners = _callees(owner, function, module)
            found = [getattr(one, name) for one in owners
                     if isinstance(one, ModuleType | nn.Module | type) and hasattr(one, name)]  # fmt: skip
        case _:
            found = []
    return [one.func if isinstance(one, functools.partial) else one for one in found]


def _is_own(callee: Any) -> bool:
    """A function or method to look into: not one of torch's functions, but one of its modules' methods."""
    where = str(getattr(callee, "__module__", ""))
    is_torchs = where.startswith("torch.") and not where.startswith("torch.nn.modules.")
    return isinstance(callee, FunctionType | MethodType) and not is_torchs


def _last_name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def _sums(tree: ast.AST) -> list[ast.AST]:
    sums: dict[ast.AST, list[ast.expr]] = {}
    indices: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(left, ast.Add(), right):
                sums[node] = [left, right]
            case ast.AugAssign(target, ast.Add(), value):
                sums[node] = [target, value]
            case ast.Call(ast.Name("range")) | ast.Subscript():
                indices.update(ast.walk(node if isinstance(node, ast.Call) else node.slice))
            case ast.Call(ast.Attribute(owner, "add" | "add_"), [value, *rest]):
                sums[node] = [owner, value, *rest]
    return [node for node, parts in sums.items() if node not in indices and not any(map(_is_constant, parts))]


def _is_constant(part: ast.expr) -> bool:
    return not any(isinstance(inner, ast.Name) for inner in ast.walk(part)) or isinstance(part, ast.List | ast.Tuple)
