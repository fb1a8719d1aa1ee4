"""One pass through a network in eval mode, watched: every layer and every place where paths meet, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from modules.handwork.counting import names
from modules.handwork.following import Following
from modules.handwork.formulas import Formula, formula_of
from modules.handwork.rows import Row
from modules.handwork.seen import Seen
from modules.surgery.passes import evaluating, like


def watched(network: nn.Module, image: tuple[int, int, int]) -> list[Row]:
    """The rows of a pass of one image (C, H, W)."""
    return _Watched(network, image).rows


class _Watched:
    """Hooks note the layers, and `Following` the places where paths meet."""

    def __init__(self, network: nn.Module, image: tuple[int, int, int]):
        self.rows: list[Row] = []
        self._names = names(network)
        self._inside: list[nn.Module] = []
        self._counted: set[int] = set()
        images = like(torch.zeros(1, *image), network)
        self._following = Following(images, self._met)
        with evaluating(network), self._hooked(network), self._following:
            network(images)

    @contextmanager
    def _hooked(self, network: nn.Module) -> Iterator[None]:
        handles = [hook for module in network.modules() for hook in (
            module.register_forward_pre_hook(self._enter),
            module.register_forward_hook(self._leave, prepend=True, with_kwargs=True),
        )]  # fmt: skip
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, module: nn.Module, args: Any) -> None:
        self._inside.append(module)

    def _leave(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        self._inside.pop()
        out = output[0] if isinstance(output, tuple | list) and output else output
        own = [p for p in module.parameters(recurse=False) if p.requires_grad and id(p) not in self._counted]
        layer = next(module.children(), None) is None
        if not isinstance(out, torch.Tensor) or not (layer or own):
            return
        self._counted |= {id(parameter) for parameter in own}
        alone = len(args) == 1 and isinstance(args[0], torch.Tensor) and not kwargs  # no size is asked for in the call
        formula = formula_of(module, args[0].shape) if layer and alone else None
        name = self._names[module]
        self._add(name, type(module).__name__, out, formula, sum(p.numel() for p in own))

    def _met(self, kind: str, out: torch.Tensor) -> None:
        """Where paths meet outside of any layer."""
        module = self._inside[-1] if self._inside else None
        if module is not None and next(module.children(), None) is not None:
            self._add(self._names[module], kind, out, None, 0)

    def _add(self, name: str, kind: str, out: torch.Tensor, formula: Formula | None, parameters: int) -> None:
        shape = tuple(out.shape[1:])
        wrong = ""
        if formula and formula.shape != shape:
            wrong = f"{_times(formula.shape)} by formula, {_times(shape)} seen"
        told, cost = (formula.told, formula.macs) if formula else (None, 0)
        field, jump = _field(self._following.seen(out))
        self.rows.append(Row(name, kind, shape, told, field, jump, parameters, cost, wrong))


def _field(seen: Seen | None) -> tuple[tuple[int, int] | None, tuple[str, str] | None]:
    if seen is None:
        return None, None
    down, across = seen.grids
    return (down.field, across.field), (str(down.jump), str(across.jump))


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
