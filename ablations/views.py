"""How values show themselves: as HTML in a notebook, as text in a terminal. A view says what there is to see."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 120
"""Characters of a line of text."""


class Cell(NamedTuple):
    """What stands in one place of a table."""

    text: str
    strong: bool = False


class Column(NamedTuple):
    """What heads a column; numbers stand at its right."""

    heading: str
    numeric: bool = False


class View(NamedTuple):
    """What there is to see of a value: a title, sentences, a table, a note below."""

    title: str
    sentences: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    note: str = ""

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


class Viewed(ABC):
    """A value that shows its view, whatever it is shown in."""

    @property
    @abstractmethod
    def view(self) -> View:
        """What there is to see of it."""

    def __repr__(self) -> str:
        return as_text(self.view)

    def __str__(self) -> str:
        return as_text(self.view)

    def _repr_html_(self) -> str:
        return as_html(self.view)


def as_html(view: View) -> str:
    """Plain elements without colours of their own, so that they read in any theme; whatever is in it is escaped."""
    parts = [Markup("<p><strong>{}</strong></p>").format(view.title)]
    parts += [Markup("<p>{}</p>").format(" ".join(view.sentences))] if view.sentences else []
    parts += [Markup("<p>⚠ {}</p>").format(warning) for warning in view.warnings]
    parts += [_html_table(view)] if view.rows else []
    parts += [Markup("<p><small>{}</small></p>").format(view.note)] if view.note else []
    return str(Markup("<div>{}</div>").format(Markup("\n").join(parts)))


def _html_table(view: View) -> Markup:
    heads = Markup("").join(_html_cell("th", Cell(column.heading), column) for column in view.columns)
    rows = Markup("\n").join(Markup("<tr>{}</tr>").format(Markup("").join(_html_row(view, row))) for row in view.rows)
    return Markup("<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table>").format(heads, rows)


def _html_row(view: View, row: tuple[Cell, ...]) -> Iterator[Markup]:
    return (_html_cell("td", cell, column) for cell, column in zip(row, view.columns, strict=True))


def _html_cell(tag: str, cell: Cell, column: Column) -> Markup:
    text = Markup("<strong>{}</strong>").format(cell.text) if cell.strong else escape(cell.text)
    side = "right" if column.numeric else "left"
    return Markup('<{tag} style="text-align: {side}">{text}</{tag}>').format(tag=Markup(tag), side=side, text=text)


def as_text(view: View) -> str:
    """Lines of at most 120 characters."""
    from rich.console import Console

    written = io.StringIO()
    console = Console(
        file=written, width=WIDTH, force_terminal=False, force_jupyter=False, highlight=False, markup=False
    )
    for line in (view.title, *view.sentences, *(f"! {warning}" for warning in view.warnings)):
        console.print(line)
    for part in ([_text_table(view)] if view.rows else []) + ([view.note] if view.note else []):
        console.print(part)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())


def _text_table(view: View) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for column in view.columns:
        table.add_column(column.heading, justify="right" if column.numeric else "left", no_wrap=column.numeric)
    for row in view.rows:
        table.add_row(*(Text(cell.text) for cell in row))
    return table
