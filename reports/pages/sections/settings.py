"""What a search chose, as a part of the page."""

from __future__ import annotations

from reports.pages.sections.table import Cell, Heading, Line, Table
from reports.study import Study
from reports.words.searched import searched_table

TEXTS = ("Model", "Chosen")


def chosen_settings(study: Study) -> Table | None:
    """The settings of every arm that were searched for."""
    if not study.searches:
        return None
    names, *rows = searched_table(study.searches)
    lines = tuple(Line(tuple(map(Cell, row))) for row in rows)
    return Table("chosen", "Chosen settings", tuple(map(_heading, names)), (lines,))


def _heading(name: str) -> Heading:
    return Heading(name, "name" if name == "Arm" else "text" if name in TEXTS else "number")
