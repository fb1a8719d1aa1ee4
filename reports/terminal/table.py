"""What a person sees in the terminal: the plan before, the table after."""

from __future__ import annotations

from typing import Literal

from rich.table import Table

from ablations.arms import BASELINE, SHAM
from reports.study import Study
from reports.tables.rows import ARM, SIZES, VERDICT, Column, Row, columns, rows
from reports.terminal.planned import console, plain
from reports.words.alerts import alerts
from reports.words.answer import answer
from reports.words.footnote import footnote

LONGEST_NAME, SHORTEST_VERDICT = 34, 26
"""Characters of the columns that wrap, so that the name of an arm leaves room for what is said of it."""
ROOM_FOR_SIZES = 140
"""Characters from which on there is room for columns that are in table.csv anyhow."""
STYLES = {"improves": "green", "helps": "green", "hurts": "red", "underfitting": "red"}


def print_study(study: Study) -> None:
    """The answer, the alerts, the table."""
    out = console()
    out.print()
    for sentence in answer(study):
        out.print(sentence, markup=False)
    for alert in alerts(study):
        out.print(f"! {alert}", style="yellow", markup=False)
    out.print()
    out.print(study_table(study, out.width))
    out.print(footnote(study), style="dim", markup=False)


def study_table(study: Study, width: int) -> Table:
    """The main table for a terminal so many characters wide; bold only what is decided."""
    shown = [column for column in columns(study) if column not in SIZES or width >= ROOM_FOR_SIZES]
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False, show_edge=False)
    for column in shown:
        justify: Literal["right", "left"] = "right" if column.numeric else "left"
        table.add_column(
            column.heading,
            justify=justify,
            no_wrap=column not in (ARM, VERDICT),
            max_width=LONGEST_NAME if column is ARM else None,
            min_width=SHORTEST_VERDICT if column is VERDICT else None,
        )
    for row in rows(study):
        style = "dim" if row.arm == SHAM else None
        table.add_row(*(_cell(row, column) for column in shown), style=style, end_section=row.arm == BASELINE)
    return table


def _cell(row: Row, column: Column) -> str:
    text = plain(column.text(row))
    colour = next((style for word, style in STYLES.items() if row.decided and word in row.verdict), None)
    if column is VERDICT and colour:
        return f"[{colour}]{text}[/{colour}]"
    return f"[bold]{text}[/bold]" if column.bold(row) else text
