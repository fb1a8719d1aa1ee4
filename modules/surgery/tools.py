"""Tools for editing a built network by module kind.

Edits attach children to modules that are already there and call them from forward hooks; parents are never rewired.
So a module shared in several places is edited in all of them and stays shared, the root counts like any other, and
every weight keeps its name.
"""

from __future__ import annotations

import contextlib
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import torch
from torch import nn

from modules.names import in_a_line

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
WEIGHTED = (*CONVOLUTIONS, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d, nn.Linear)
NORMS = (nn.modules.batchnorm._BatchNorm, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm, nn.modules.instancenorm._InstanceNorm)

Kind = TypeVar("Kind", bound=nn.Module)


class NoEffect(ValueError):
    """An edit found nothing to change: in an ablation a silent no-op would be a false row."""


def no_effect(edit: object, wanted: str, model: nn.Module, calls: Counter[str] | None = None) -> NoReturn:
    """Raises NoEffect, naming what was looked for and the kinds that were there instead, and the functional `calls`
    that are what was looked for but cannot be edited: to edit the rest alone would make a false row, too.
    """
    kinds = Counter(type(module).__name__ for module in model.modules())
    seen = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    if calls:
        raise NoEffect(f"{edit!r} changes nothing here: {_all_said(calls)}; make them modules; the model has {seen}")
    raise NoEffect(f"{edit!r} changes nothing here: it looks for {wanted}; the model has {seen}")


def _all_said(calls: Counter[str]) -> str:
    """`calls` are by name, or by name and where: `relu in Net`."""
    counts, places = Counter[str](), set()
    for call, count in calls.items():
        name, _, place = call.partition(" in ")
        counts[name] += count
        places |= {place} - {""}
    said = ", ".join(f"{count} functional {name} call{'s' * (count > 1)}" for name, count in sorted(counts.items()))
    of = f" of {' and '.join(sorted(places))}" if places else ""
    return f"{said} cannot be edited, since the forward{of} cannot be traced or makes no use of what they return"


@contextlib.contextmanager
def drawing_from(generator: torch.Generator) -> Iterator[None]:
    """Lets code that can only draw from torch's global generator draw from a stream, and puts that one back."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        yield


def needed(edit: object, example: torch.Tensor | None) -> torch.Tensor:
    """The example batch, for an edit that must see what shapes pass through. Raises ValueError where there is none."""
    if example is None:
        raise ValueError(f"{edit!r} has to see what passes through the network: give `operate` an example batch")
    return example


@contextlib.contextmanager
def refusing(edit: object) -> Iterator[None]:
    """Turns what stands in an edit's way, said as a ValueError, into NoEffect with the edit's name."""
    try:
        yield
    except ValueError as error:
        raise NoEffect(f"{edit!r} cannot be carried out here: {error}") from error


def of_kind(model: nn.Module, kinds: tuple[type[Kind], ...]) -> list[Kind]:
    """The modules of these kinds, each once however often it is used, in the order of their registration."""
    return [module for module in model.modules() if isinstance(module, kinds)]


def linears(model: nn.Module) -> list[nn.Module]:
    """Linear layers that are called; attention's output projection is not, only its weights are read."""
    unusable = nn.modules.linear.NonDynamicallyQuantizableLinear
    return [module for module in of_kind(model, (nn.Linear,)) if not isinstance(module, unusable)]


def own_parameter(layer: nn.Module, name: str) -> nn.Parameter:
    """A parameter that the layer holds itself. Raises ValueError where it is computed from others, as by weight norm:
    what is written to it would be gone with the next pass."""
    held = layer._parameters.get(name)
    if held is None:
        raise ValueError(f"{type(layer).__name__} computes its {name} from others; let it hold a plain {name}")
    return held


def copied(model: nn.Module) -> nn.Module:
    """An independent copy: sharing, tied weights, hooks, training flag, dtype and device are carried.

    Raises ValueError where something in the network refuses to be copied, such as weights that hooks compute.
    """
    try:
        return copy.deepcopy(model)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"the network cannot be edited, since it cannot be copied ({in_a_line(error)})") from error


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
    hook = CallBefore(adopt(module, name, child))
    module.register_forward_pre_hook(hook, with_kwargs=True)


def attach_after(module: nn.Module, name: str, child: nn.Module) -> None:
    """Puts `child` behind `module`, as its own child; hooks that were there before still see the plain output."""
    module.register_forward_hook(CallAfter(adopt(module, name, child)))


def adopt(module: nn.Module, name: str, child: nn.Module) -> str:
    """Makes `child` a child of `module`, in its mode, on its device; returns the name, made free where it is taken."""
    while hasattr(module, name):
        name += "_"
    alike(child, module)
    module.add_module(name, child.train(module.training))
    return name


def alike(child: nn.Module, *models: nn.Module) -> None:
    """Puts `child` on the device, and gives it the dtype, of the first of the models that has weights."""
    weights = (parameter for model in models for parameter in model.parameters() if parameter.is_floating_point())
    if (like := next(weights, None)) is not None:
        child.to(device=like.device, dtype=like.dtype)
