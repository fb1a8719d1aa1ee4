"""Follows the image through a pass, operation by operation, and knows what each map has seen of it.

Every call of a torch operation is looked at, whether a module or a function made it, so paths that part and meet again
are followed whatever the forward looks like. Behind an operation that is in no table nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from modules.handwork.grids import IMAGE, together
from modules.handwork.reading import READING
from modules.handwork.seen import Seen, Unknown, leading, pair
from modules.handwork.shaping import SHAPING

RULES = READING | SHAPING
MEETINGS = {"add": "sum", "mul": "product", "cat": "concatenation"}
ALIKE = frozenset({"hardswish", "_prelu_kernel", "clone", "detach", "_to_copy"})
"""Work on each number alone, though torch does not mark all of them so."""


class Following(TorchDispatchMode):
    """While it is on, `seen(tensor)` tells what has been seen by it; None where that is not known.

    `met(kind, tensor)` hears of sums, products and concatenations in which paths meet.
    """

    def __init__(self, images: torch.Tensor, met: Callable[[str, torch.Tensor], None]):
        super().__init__()
        self.pixels = pair(images.shape[-2:])
        self.met = met
        self._known: dict[int, tuple[torch.Tensor, Seen | None]] = {}  # holds the tensors, so that no id comes twice
        self._known[id(images)] = (images, Seen((IMAGE, IMAGE), self.pixels))
        self._written: set[int] = set()

    def seen(self, tensor: torch.Tensor) -> Seen | None:
        return self._known[id(tensor)][1] if id(tensor) in self._known else None

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = _tensors((args, kwargs))
        ways = [one for one in given if id(one) in self._known or _storage(one) in self._written]
        out = func(*args, **(kwargs or {}))
        made = _tensors(out)
        if ways and made:
            state = self._behind(func, args, kwargs or {}, ways, made[0])
            for one in made:
                self._known[id(one)] = (one, state)
            if func._schema.is_mutable:
                self._write(made[0], state)
            if len({id(way) for way in ways}) > 1 and _name(func) in MEETINGS:
                self.met(MEETINGS[_name(func)], made[0])
        return out

    def _write(self, into: torch.Tensor, state: Seen | None) -> None:
        """What shares memory with what was written over is known no longer, unless it is just the same."""
        self._written.add(_storage(into))
        for key, (tensor, before) in self._known.items():
            if before != state and _storage(tensor) == _storage(into):
                self._known[key] = (tensor, None)

    def _behind(self, func: Any, args: Any, kwargs: Any, ways: list[torch.Tensor], out: torch.Tensor) -> Seen | None:
        name, states = _name(func), [self.seen(way) for way in ways]
        if None in states:
            return None
        seen = [state for state in states if state]
        try:
            if torch.Tag.pointwise in func.tags or name in ALIKE:
                return self._meet([_broadcast(*one, out) for one in zip(seen, ways, strict=True)], out)
            if name == "cat" and (leading(args[1] if len(args) > 1 else 0, out) or all(one.alike for one in seen)):
                return self._meet(seen, out)
            return RULES[name](seen[0], ways[0], out, args) if name in RULES and len(ways) == 1 else None
        except Unknown:
            return None

    def _meet(self, states: list[Seen], out: torch.Tensor) -> Seen:
        found = states[0]
        for other in states[1:]:
            found = self._both(found, other, out)
        return found

    def _both(self, one: Seen, other: Seen, out: torch.Tensor) -> Seen:
        sizes = pair(out.shape[-2:]) if one.mapped else one.sizes
        axes = zip(one.grids, other.grids, sizes, self.pixels, strict=True)
        down, across = (together(*axis) for axis in axes)
        if one.mapped != other.mapped or down is None or across is None:
            raise Unknown
        return Seen((down, across), sizes, one.mapped)


def _broadcast(seen: Seen, way: torch.Tensor, out: torch.Tensor) -> Seen:
    """Numbers meet those at the same place, or all of them have seen the same."""
    places = way.shape[-2:] == out.shape[-2:] if seen.mapped else way.shape[-1] == out.shape[-1]
    if not places and not seen.alike:
        raise Unknown
    return seen


def _tensors(tree: Any) -> list[torch.Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


def _storage(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _name(func: Any) -> str:
    """Of an operation, whether it writes into what it gets or not."""
    name = str(func.overloadpacket.__name__)
    return name.rstrip("_") if name[-1] == "_" and name[-2:] != "__" else name
