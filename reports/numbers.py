"""Numbers as a reader sees them."""

from __future__ import annotations

import math
from collections.abc import Sequence

NONE, MINUS = "–", "\N{MINUS SIGN}"


def number(value: float) -> str:
    return NONE if math.isnan(value) else f"{value:.1f}".replace("-", MINUS)


def count(value: float) -> str:
    """A number of parameters or operations, as people say it."""
    if math.isnan(value):
        return NONE
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {letter}"
    return f"{value:.0f}"


def plus_minus(mean: float, half: float, digits: int = 1) -> str:
    if math.isnan(mean):
        return NONE
    return signed(mean, digits) if math.isnan(half) else f"{signed(mean, digits)} ± {half:.{digits}f}"


def points(size: float) -> str:
    return f"{size:g} point{'s' * (size != 1)}"


def signed(value: float, digits: int = 1) -> str:
    """With a true minus sign, which is as wide as the plus; what rounds to nothing has no sign of its own."""
    return f"{round(value, digits) + 0.0:+.{digits}f}".replace("-", MINUS)


def digits_to_see(size: float, least: int) -> int:
    """Decimals, at least so many, at which what is not 0 does not look as if it were."""
    return least if math.isnan(size) or not size else max(least, -math.floor(math.log10(abs(size))))


def few(names: Sequence[str], most: int = 5) -> str:
    """The first of a list, and how many more there are."""
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")
