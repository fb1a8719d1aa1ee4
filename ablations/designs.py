"""Designs: how arms are made from factors. A new design is a function and one line in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ablations.arms import Arm, level_names
from ablations.edit import Edit

Levels = Mapping[str, tuple[Edit, ...]]


def one_at_a_time(factors: Levels) -> list[Arm]:
    """Every level of every factor alone on the baseline."""
    return [
        Arm(name, (level,))
        for factor, levels in factors.items()
        for name, level in zip(level_names(factor, levels), levels, strict=True)
    ]


DESIGNS: dict[str, Callable[[Levels], list[Arm]]] = {"one_at_a_time": one_at_a_time}
