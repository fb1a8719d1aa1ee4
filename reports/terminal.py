"""What a person sees in the terminal: the plan before, the table after."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from ablations.arms import BASELINE
from reports.alerts import alerts
from reports.answer import answer
from reports.study import Study
from reports.tables import HEADINGS, NUMERIC, Row, footnote, rows
from runs.plan import Plan

STYLES = {"improves": "green", "helps": "green", "hurts": "red", "underfitting": "red"}


def console() -> Console:
    """Standard output; a width that fits files and pipes where there is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 120, highlight=False, soft_wrap=False)


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
    cells = [
        f"[bold]{_plain(cell)}[/bold]" if bold.get(index) else _plain(cell) for index, cell in enumerate(row.cells)
    ]
    cells[6] = f"[{colour}]{cells[6]}[/{colour}]" if colour else cells[6]
    return cells


def _plain(text: str) -> str:
    return text.replace("[", "\\[")


def print_plan(plan: Plan, done: int, seconds: float, slots: int) -> None:
    """Every arm with its proved difference, the number of runs, the expected time."""
    out = console()
    several = len({one.model for one in plan.arms}) > 1
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False)
    for name in ["Arm", *(["Model"] if several else []), "Parameters", "Differs from the baseline in"]:
        table.add_column(name, justify="right" if name == "Parameters" else "left", no_wrap=name.startswith("P"))
    for one in plan.arms:
        differs = "; ".join(one.differs) or "(the baseline itself)"
        model = [one.model] if several else []
        table.add_row(_plain(one.arm.name), *model, f"{one.parameters:,}", _plain(differs))
    out.print(table)
    left = len(plan.runs) - done
    out.print(
        f"\n{len(plan.runs)} runs ({len(plan.arms)} arms, {len(plan.spec.seeds)} seeds), {done} of them done; "
        + (
            f"the other {left} take about {duration(seconds)} on {slots} at a time."
            if left
            else "nothing is left to run."
        ),
        markup=False,
    )


def duration(seconds: float) -> str:
    """Rounded as people say it."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
