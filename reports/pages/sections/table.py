"""A table of the page as a value: what one template shows, whatever stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from reports.numbers import MINUS
from reports.study import Study

FIRST_NUMBER = re.compile(rf"[+{MINUS}-]?[\d,]*\.?\d+(?: ?[kMG]\b)?")
SIZES = {"k": 1e3, "M": 1e6, "G": 1e9}


class Heading(NamedTuple):
    """The head of a column, and what stands below it."""

    text: str
    kind: Literal["name", "number", "text", "words"] = "number"
    """The `name` heads its row; `words` are sentences, which want room."""


MODEL = Heading("Model", "text")
"""Left out of a table where a study has one model only."""


class Cell(NamedTuple):
    """One entry as a reader sees it."""

    text: str
    decided: bool = False
    """Bold; it must not decorate chance."""

    @property
    def value(self) -> float | None:
        """What a column of numbers is sorted by: the first number that is shown."""
        return shown_number(self.text)


class Line(NamedTuple):
    """One row; a pinned one keeps its place however the others are sorted."""

    cells: tuple[Cell, ...]
    pinned: Literal["", "top", "bottom"] = ""


@dataclass(frozen=True)
class Table:
    """Lines under headings; the lines of a group are sorted among themselves."""

    anchor: str
    title: str
    headings: tuple[Heading, ...]
    groups: tuple[tuple[Line, ...], ...]
    note: str = ""

    @property
    def lines(self) -> int:
        return sum(map(len, self.groups))


def plain_table(
    study: Study,
    anchor: str,
    title: str,
    headings: Sequence[Heading],
    rows: Iterable[Sequence[str | Cell]],
    note: str = "",
) -> Table | None:
    """A table of one group in which nothing is pinned, None without a row; without the column of models where there is
    one only."""
    shown = [place for place, heading in enumerate(headings) if heading != MODEL or len(study.models) > 1]
    lines = tuple(Line(tuple(_cell(row[place]) for place in shown)) for row in rows)
    return Table(anchor, title, tuple(headings[place] for place in shown), (lines,), note) if lines else None


def _cell(entry: str | Cell) -> Cell:
    return entry if isinstance(entry, Cell) else Cell(entry)


def shown_number(text: str) -> float | None:
    """The number that a text begins with, in full: that of `61.7 k` is 61700; None where it begins with none."""
    found = FIRST_NUMBER.match(text)
    if found is None:
        return None
    digits = found[0].replace(MINUS, "-").replace(",", "")
    return float(digits.rstrip(" kMG")) * SIZES.get(digits[-1], 1)
