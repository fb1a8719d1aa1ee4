"""Designs: how arms are made from factors. A new design is a function and one line in the table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain, combinations, product
from math import prod

from ablations.arms import BASELINE, Arm, level_names
from ablations.edit import Edit

Levels = Mapping[str, tuple[Edit, ...]]
PLAIN = "none"
"""The arm of leave_one_out in which no factor is on."""
TOGETHER = " + "
"""Between the names of levels that are on together."""
MOST_ARMS = 256
"""Of a factorial, whose arms double with every factor."""


def one_at_a_time(factors: Levels, searched: Collection[str] = ()) -> list[Arm]:
    """Every level of every factor alone on the baseline."""
    return _combined(factors, 1, searched)


def leave_one_out(factors: Levels, searched: Collection[str] = ()) -> list[Arm]:
    """All factors together as the baseline, then all but each one, then none: what each adds to the full set.

    Raises ValueError where a factor has several levels, which cannot all be on.
    """
    for factor, levels in factors.items():
        if len(levels) > 1:
            raise ValueError(
                f"leave_one_out has all factors on at once, so each has one level, but {factor} has {len(levels)}; "
                "keep one of them, or take one_at_a_time"
            )
    full = tuple(chain(*factors.values()))
    without = [Arm(f"without {edit.factor}", tuple(other for other in full if other != edit)) for edit in full]
    # Without a single factor is the plain recipe already.
    return [Arm(BASELINE, full), *without, *([Arm(PLAIN)] if len(full) > 1 else [])]


def pairwise(factors: Levels, searched: Collection[str] = ()) -> list[Arm]:
    """Every level alone, and every two levels of different factors together."""
    return _combined(factors, 2, searched)


def factorial(factors: Levels, searched: Collection[str] = ()) -> list[Arm]:
    """Every combination of levels, each factor off or at one of its own (Fisher 1926).

    Raises ValueError where that is more than MOST_ARMS.
    """
    arms = prod(1 + len(levels) for levels in factors.values())
    if arms > MOST_ARMS:
        raise ValueError(
            f"a factorial of these {len(factors)} factors has {arms:,} arms, and {MOST_ARMS} are the most; "
            f"pairwise has {len(pairwise(factors)):,} of them, one_at_a_time {len(one_at_a_time(factors)):,}"
        )
    return _combined(factors, len(factors), searched)


def _combined(factors: Levels, most: int, searched: Collection[str]) -> list[Arm]:
    """The baseline, then the levels of up to `most` factors together, those of fewer factors first."""
    names = {name: level_names(name, levels, searched) for name, levels in factors.items()}
    alone = [list(zip(names[name], levels, strict=True)) for name, levels in factors.items()]
    chosen = chain(*(combinations(alone, size) for size in range(most + 1)))
    return [_together(levels) for some in chosen for levels in product(*some)]


def _together(levels: Sequence[tuple[str, Edit]]) -> Arm:
    """Levels, each with its name, as one arm; none at all are the baseline."""
    return Arm(TOGETHER.join(name for name, _ in levels) or BASELINE, tuple(edit for _, edit in levels))


DESIGNS: dict[str, Callable[[Levels, Collection[str]], list[Arm]]] = {
    "one_at_a_time": one_at_a_time,
    "leave_one_out": leave_one_out,
    "pairwise": pairwise,
    "factorial": factorial,
}
"""Each gives the baseline first: the arm that all others are compared with. Given are the levels, and the settings that
are searched, which no name tells."""
