"""What to say of runs that cannot be analysed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u180e\u200b\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]|(^|[ -~])[\u200c-\u200f]"
)
"""What breaks a line, commands a terminal, turns the text around it or is not seen, so that two names look the same.

Joiners and marks of direction belong to some scripts and emoji, but not at the start or behind a plain letter.
"""


class BadRuns(ValueError):
    """Runs that cannot be analysed: one line with the file, the line, the column, the rule and the cure."""


@dataclass(frozen=True)
class Lines:
    """Where rows come from: the name of a file or frame, and the number of each row in it."""

    source: str
    numbers: Sequence[Any]

    def refuse(self, broken: np.ndarray, column: str, rule: str, given: np.ndarray | None = None) -> None:
        """Raises BadRuns for the first row that breaks a rule."""
        if broken.any():
            first = int(broken.argmax())
            value = "" if given is None else f", not {brief(given[first])}"
            raise BadRuns(f"{self.source}:{self.numbers[first]}: {column}: {rule}{value}")


def cells_that_are(text: str, cells: np.ndarray) -> np.ndarray:
    """Which cells are this text to the last sign; numpy's own comparison overlooks NULs at the end."""
    return np.array([cell == text for cell in cells.tolist()])


def brief(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else ascii(value) if UNFIT.search(str(value)) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
