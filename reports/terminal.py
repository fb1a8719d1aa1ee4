"""What a person sees in the terminal: the plan before, the table after."""

from __future__ import annotations

from rich.table import Table

from ablations.arms import BASELINE
from reports.alerts import alerts
from reports.answer import answer
from reports.planned import console, plain
from reports.study import Study
from reports.tables import HEADINGS, NUMERIC, Row, footnote, rows

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
    out.print(study_table(study))
    out.print(footnote(study), style="dim", markup=False)


def study_table(study: Study) -> Table:
    """The main table; bold only what is decided."""
    several = len(study.models) > 1
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False, show_edge=False)
    for name in [*(["Model"] if several else []), *HEADINGS]:
        table.add_column(name, justify="right" if name in NUMERIC else "left", no_wrap=name != "Verdict")
    for row in rows(study):
        table.add_row(*([row.model] if several else []), *_cells(row), style="dim" if row.arm == "sham" else None,
                      end_section=row.arm == BASELINE)  # fmt: skip
    return table


def _cells(row: Row) -> list[str]:
    bold = {0: row.decided, 3: row.decided, 5: row.gap_decided}
    colour = next((style for word, style in STYLES.items() if row.decided and word in row.verdict), None)
    cells = [f"[bold]{plain(cell)}[/bold]" if bold.get(index) else plain(cell) for index, cell in enumerate(row.cells)]
    cells[6] = f"[{colour}]{cells[6]}[/{colour}]" if colour else cells[6]
    return cells
