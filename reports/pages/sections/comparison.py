"""The main table as a part of the page."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import Literal

from ablations.arms import BASELINE, SHAM
from reports.pages.sections.table import Cell, Heading, Line, Table
from reports.study import Study
from reports.tables.rows import ARM, VERDICT, Column, Row, columns, rows
from reports.words.footnote import footnote

PINNED: dict[str, Literal["top", "bottom"]] = {BASELINE: "top", SHAM: "bottom"}


def comparison(study: Study) -> Table:
    """Every arm, a group per model: its baseline stays on top and its sham last."""
    shown = columns(study)
    groups = tuple(tuple(_line(row, shown) for row in group) for _, group in groupby(rows(study), attrgetter("model")))
    return Table("table", "Comparison", tuple(map(_heading, shown)), groups, footnote(study))


def _line(row: Row, shown: tuple[Column, ...]) -> Line:
    cells = tuple(Cell(column.text(row), column.bold(row)) for column in shown)
    return Line(cells, PINNED.get(row.arm, ""))


def _heading(column: Column) -> Heading:
    if column.numeric:
        return Heading(column.heading)
    return Heading(column.heading, "name" if column is ARM else "words" if column is VERDICT else "text")
