"""What a tensor of a pass has seen of the image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from modules.handwork.grids import Grid, everything


class Seen(NamedTuple):
    """What the positions of a tensor have seen, along height and width."""

    grids: tuple[Grid, Grid]
    sizes: tuple[int, int]
    mapped: bool = True
    """Whether the last two dimensions are height and width; else whole maps were flattened into the last one."""

    @property
    def alike(self) -> bool:
        """Whether all positions have seen the same."""
        return not any(grid.shift for grid in self.grids)


class Unknown(Exception):
    """The operation is not followed."""


Rule = Callable[[Seen, torch.Tensor, torch.Tensor, Any], Seen]
"""From what was seen before an operation, its one tensor that was, its output and its arguments, to what is seen behind
it. Raises Unknown where that cannot be told."""


def all_positions(seen: Seen) -> Seen:
    """Behind what reads whole maps."""
    down, across = (everything(grid, size) for grid, size in zip(seen.grids, seen.sizes, strict=True))
    return Seen((down, across), (1, 1), seen.mapped)


def leading(dimension: int, tensor: torch.Tensor) -> bool:
    """Whether a dimension is neither height nor width."""
    return dimension % tensor.ndim < tensor.ndim - 2


def pair(value: Any) -> tuple[int, int]:
    """The last two of some numbers, or the one that stands for both."""
    values = [value] if isinstance(value, int) else list(value)
    return values[-2 if len(values) > 1 else 0], values[-1]
