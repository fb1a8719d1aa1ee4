"""Putting modules in the place of others, in a network that is a copy already.

A module is replaced wherever it is used, so that what was shared stays shared; the root counts like any other. The
stand-in takes over training mode, device, dtype and hooks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from torch import nn

from modules.surgery.tools import alike

HOOKS = (
    "_forward_hooks", "_forward_hooks_with_kwargs", "_forward_hooks_always_called", "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs", "_backward_hooks", "_backward_pre_hooks",
)  # fmt: skip
"""Where torch keeps a module's hooks; it has no call that hands them on."""


def replace_modules(model: nn.Module, stand_ins: Mapping[nn.Module, nn.Module]) -> nn.Module:
    """Puts each stand-in everywhere that its module is; returns the root, which may be a stand-in itself."""
    for module, stand_in in stand_ins.items():
        take_over(module, stand_in, model)
    for parent in list(model.modules()):
        for name, child in parent._modules.items():
            if child is not None and child in stand_ins:
                parent._modules[name] = stand_ins[child]
        for name, value in _plain(parent):
            vars(parent)[name] = _exchanged(value, stand_ins)
    return stand_ins.get(model, model)


def take_over(module: nn.Module, stand_in: nn.Module, model: nn.Module) -> None:
    """Gives `stand_in` the mode, the hooks, and the device and dtype (else those of the model) of `module`."""
    alike(stand_in, module, model)
    stand_in.train(module.training)
    for name in HOOKS:
        getattr(stand_in, name).update(getattr(module, name))
    stand_in._is_full_backward_hook = module._is_full_backward_hook


def unregistered(model: nn.Module, kinds: tuple[type[nn.Module], ...]) -> Counter[str]:
    """Modules of these kinds that stand in a plain list or dict of some module, where torch does not see them."""
    known = set(model.modules())
    kept = {
        inner: f"{type(inner).__name__} in {type(parent).__name__}.{name}"
        for parent in known
        for name, value in _plain(parent)
        for outer in _modules_in(value)
        for inner in outer.modules()
        if isinstance(inner, kinds) and inner not in known
    }
    return Counter(kept.values())


def refuse_unregistered(model: nn.Module, kinds: tuple[type[nn.Module], ...]) -> None:
    """Raises ValueError, naming them, where there are modules of these kinds that no edit reaches."""
    if found := unregistered(model, kinds):
        said = ", ".join(f"{count} {where}" for where, count in sorted(found.items()))
        raise ValueError(f"{said}: a plain list or dict holds them, so torch does not see them; use nn.ModuleList")


def refuse_bound(model: nn.Module, modules: Sequence[nn.Module], kind: type[nn.Module]) -> None:
    """Raises ValueError, naming it, where one of these modules is more than a `kind` with its settings and weights."""
    names = {module: name for name, module in model.named_modules()}
    for module in modules:
        if problem := _binding(module, modules, model, kind):
            where = f"{type(module).__name__} {names[module]!r}" if names[module] else type(module).__name__
            raise ValueError(f"{where} {problem}; make it a plain {kind.__name__}")


def _binding(module: Any, others: Sequence[nn.Module], model: nn.Module, kind: Any) -> str | None:
    own = {"forward", "_conv_forward"} & set(vars(module))
    if own or type(module).forward is not kind.forward or type(module)._conv_forward is not kind._conv_forward:
        return "has a forward of its own"
    if "weight" not in module._parameters:
        return "computes its weight from others"
    owners = [one for one in model.modules() if any(p is module.weight for p in one.parameters(recurse=False))]
    staying = [type(one).__name__ for one in owners if one not in others]
    return f"shares its weight with a {staying[0]}, which stays" if staying else None


def _plain(module: nn.Module) -> list[tuple[str, Any]]:
    """Attributes that are lists, tuples or dicts, but for torch's own."""
    return [(name, value) for name, value in vars(module).items()
            if type(value) in (list, tuple, dict) and not (name in _TORCHS or name.endswith("_hooks"))]  # fmt: skip


_TORCHS = frozenset(vars(nn.Module()))


def _modules_in(value: Any) -> Iterator[nn.Module]:
    if isinstance(value, nn.Module):
        yield value
    elif type(value) in (list, tuple, dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _modules_in(inner)


def _exchanged(value: Any, stand_ins: Mapping[nn.Module, nn.Module]) -> Any:
    """The same, with stand-ins in it; itself where it holds none of their modules."""
    if not any(module in stand_ins for module in _modules_in(value)):
        return value
    if isinstance(value, nn.Module):
        return stand_ins[value]
    if isinstance(value, dict):
        return {key: _exchanged(inner, stand_ins) for key, inner in value.items()}
    return type(value)(_exchanged(inner, stand_ins) for inner in value)


def made_once(make: Callable[[nn.Module], nn.Module], modules: Sequence[nn.Module]) -> dict[nn.Module, nn.Module]:
    """A stand-in for each module; modules that share their weights or biases get stand-ins that share theirs.

    Raises ValueError where such stand-ins are not of one shape.
    """
    made: dict[nn.Module, nn.Module] = {}
    first_with: dict[tuple[str, int], nn.Module] = {}
    for module in modules:
        made[module] = make(module)
        for name, parameter in module.named_parameters(recurse=False):
            first = first_with.setdefault((name, id(parameter)), made[module])
            _tie(made[module], first, name)
    return made


def _tie(one: nn.Module, other: nn.Module, name: str) -> None:
    """Lets `one` use the parameters of this name that `other` has."""
    owners = [[module for module in whole.modules() if module._parameters.get(name) is not None]
              for whole in (one, other)]  # fmt: skip
    for mine, theirs in zip(*owners, strict=True):
        if mine.get_parameter(name).shape != theirs.get_parameter(name).shape:
            raise ValueError(f"{one} and {other} would have to share a {name}, as those in whose place they stand do")
        mine.register_parameter(name, theirs.get_parameter(name))
