"""Tools for editing a built network by module kind.

Edits attach children to modules that are already there and call them from forward hooks; parents are never rewired.
So a module shared in several places is edited in all of them and stays shared, the root counts like any other, and
every weight keeps its name.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn

import torch
from torch import nn

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
WEIGHTED = (*CONVOLUTIONS, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d, nn.Linear)
NORMS = (nn.modules.batchnorm._BatchNorm, nn.GroupNorm, nn.LayerNorm, nn.modules.instancenorm._InstanceNorm)


class NoEffect(ValueError):
    """An edit found nothing to change: in an ablation a silent no-op would be a false row."""


def no_effect(edit: object, wanted: str, model: nn.Module) -> NoReturn:
    """Raises NoEffect, naming what was looked for and the kinds that were there instead."""
    kinds = Counter(type(module).__name__ for module in model.modules())
    seen = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    raise NoEffect(f"{edit!r} changes nothing here: it looks for {wanted}; the model has {seen}")


def of_kind(model: nn.Module, kinds: tuple[type[nn.Module], ...]) -> list[nn.Module]:
    """The modules of these kinds, each once however often it is used, in the order of their registration."""
    return [module for module in model.modules() if isinstance(module, kinds)]


def linears(model: nn.Module) -> list[nn.Module]:
    """Linear layers that are called; attention's output projection is not, only its weights are read."""
    unusable = nn.modules.linear.NonDynamicallyQuantizableLinear
    return [module for module in of_kind(model, (nn.Linear,)) if not isinstance(module, unusable)]


def copied(model: nn.Module) -> nn.Module:
    """An independent copy: sharing, tied weights, hooks, training flag, dtype and device are carried."""
    return copy.deepcopy(model)


@dataclass(frozen=True)
class CallBefore:
    """A forward pre-hook: the module's input goes through its child first."""

    child: str

    def __call__(self, module: nn.Module, args: tuple, kwargs: dict[str, Any]) -> tuple[tuple, dict]:
        child = module.get_submodule(self.child)
        if args:
            return (child(args[0]), *args[1:]), kwargs
        return args, {**kwargs, "input": child(kwargs["input"])}


@dataclass(frozen=True)
class CallAfter:
    """A forward hook: the module's output goes through its child. Channels are last after a Linear, else second."""

    child: str

    def __call__(self, module: nn.Module, args: tuple, output: torch.Tensor) -> torch.Tensor:
        child = module.get_submodule(self.child)
        if isinstance(module, nn.Linear) and output.dim() > 2:
            return child(output.flatten(0, -2)).view_as(output)
        return child(output)


def attach_before(module: nn.Module, name: str, child: nn.Module) -> None:
    """Puts `child` in front of `module`, as its own child."""
    hook = CallBefore(_adopt(module, name, child))
    module.register_forward_pre_hook(hook, with_kwargs=True)


def attach_after(module: nn.Module, name: str, child: nn.Module) -> None:
    """Puts `child` behind `module`, as its own child; hooks that were there before still see the plain output."""
    module.register_forward_hook(CallAfter(_adopt(module, name, child)))


def _adopt(module: nn.Module, name: str, child: nn.Module) -> str:
    while hasattr(module, name):
        name += "_"
    like = next(module.parameters(), None)
    if like is not None:
        child.to(device=like.device, dtype=like.dtype)
    module.add_module(name, child.train(module.training))
    return name
