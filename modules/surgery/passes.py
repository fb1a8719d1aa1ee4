"""One pass through a network: whether it runs, where it fails, what shapes go by."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from modules.names import in_a_line
from modules.surgery.tools import NORMS, of_kind


class Shapes(NamedTuple):
    """Shapes of the first tensors into and out of a module; None where that is no tensor."""

    into: torch.Size | None
    out: torch.Size | None


@contextlib.contextmanager
def modes_kept(model: nn.Module) -> Iterator[None]:
    """Afterwards each module is in the mode, training or not, that it was in before."""
    modes = {module: module.training for module in model.modules()}
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextlib.contextmanager
def buffers_kept(model: nn.Module) -> Iterator[None]:
    """Afterwards buffers, such as statistics of norms, hold what they held before."""
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers() if not is_lazy(buffer)]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, before in buffers:
                buffer.copy_(before)


@contextlib.contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Eval mode without gradients, for a while."""
    with modes_kept(model), torch.no_grad():
        model.eval()
        yield


def trial_pass(model: nn.Module, example: torch.Tensor) -> Any:
    """What the network returns for `example` in eval mode. Raises ValueError, naming the module that cannot run."""
    with evaluating(model):
        return _located(model, example)


def training_pass(model: nn.Module, example: torch.Tensor) -> Any:
    """The same in training mode, in which auxiliary heads are called; norms use the statistics that they have."""
    with modes_kept(model):
        model.train()
        for norm in of_kind(model, NORMS):
            norm.eval()
        return _located(model, example)


def check_runs(model: nn.Module, example: torch.Tensor | None) -> None:
    """Raises ValueError, naming the module, where a network cannot run; without an example there is no telling."""
    if example is not None:
        trial_pass(model, example)


def _located(model: nn.Module, example: torch.Tensor) -> Any:
    """A pass that leaves buffers and torch's global generator as they were."""
    inside: list[tuple[str, nn.Module]] = []
    handles = []
    for name, module in model.named_modules():
        entry = (name, module)
        handles.append(module.register_forward_pre_hook(lambda *_, entry=entry: inside.append(entry), prepend=True))
        handles.append(module.register_forward_hook(lambda *_: inside.pop() and None))
    try:
        with buffers_kept(model), torch.random.fork_rng(devices=[]):
            return model(like(example, model))
    except Exception as error:  # whatever the code of others raises
        name, module = inside[-1] if inside else ("", model)
        where = f"{type(module).__name__} {name!r}" if name else type(module).__name__
        raise ValueError(f"{where} cannot take what reaches it ({in_a_line(error)})") from error
    finally:
        for handle in handles:
            handle.remove()


def seen_shapes(
    model: nn.Module, example: torch.Tensor, run: Callable[[nn.Module, torch.Tensor], Any] = trial_pass
) -> dict[nn.Module, Shapes]:
    """The shapes at every module's first call in a pass, by default in eval mode; modules not called are left out."""
    seen: dict[nn.Module, Shapes] = {}

    def note(module: nn.Module, args: tuple, kwargs: dict, output: Any) -> None:
        seen.setdefault(module, Shapes(_first_shape([*args, *kwargs.values()]), _first_shape([output])))

    # First among the hooks, so that it sees what the module itself returns.
    handles = [module.register_forward_hook(note, with_kwargs=True, prepend=True) for module in model.modules()]
    try:
        run(model, example)
    finally:
        for handle in handles:
            handle.remove()
    return seen


def like(example: torch.Tensor, model: nn.Module) -> torch.Tensor:
    """The example on the model's device, of its dtype."""
    first = next((parameter for parameter in model.parameters() if parameter.is_floating_point()), None)
    return example if first is None else example.to(first.device, first.dtype)


def _first_shape(values: list[Any]) -> torch.Size | None:
    return next((value.shape for value in values if isinstance(value, torch.Tensor)), None)
