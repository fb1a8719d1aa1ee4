"""Progress while runs are carried out: done of all, time left, the table filling, failures as they happen."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from runs.board import Board
from runs.events import Ended, Event, Joined, Offered, Shipping
from runs.execute import Listener
from runs.notebook import renewed
from runs.plan import Plan
from runs.records import Record, is_settled
from runs.slots import Slot


@contextmanager
def progress(plan: Plan, newest: Mapping[str, Record], slots: Sequence[Slot]) -> Iterator[Listener]:
    """A listener that shows what it hears: a live table on a terminal or in a notebook, a line per run elsewhere."""
    console = Console(highlight=False, soft_wrap=True)
    runs = plan.by_fingerprint
    board = Board(plan, {key: record for key, record in newest.items() if is_settled(runs[key], record)}, slots)
    if console.is_jupyter:
        yield from _notebook(board)
        return
    for line in board.opening():
        console.print(line, markup=False)
    if not board.left:
        yield lambda event, record: _tell_of_shipping(event, console)
    elif console.is_terminal:
        yield from _live(board, console)
    else:
        yield from _lines(board, console)


def _live(board: Board, console: Console) -> Iterator[Listener]:
    with Live(picture(board), console=console, refresh_per_second=4, transient=True) as live:

        def listen(event: Event, record: Record | None) -> None:
            for line in board.hear(event, record):
                console.print(line, markup=False, style=None if isinstance(event, Joined) else "red")
            live.update(picture(board))

        yield listen


def _notebook(board: Board) -> Iterator[Listener]:
    said = list(board.opening())[1:]
    with renewed(lambda: board.view(said)) as renew:

        def listen(event: Event, record: Record | None) -> None:
            said.extend(board.hear(event, record))
            renew()

        yield listen


def _lines(board: Board, console: Console) -> Iterator[Listener]:
    def listen(event: Event, record: Record | None) -> None:
        trouble = board.hear(event, record)
        if isinstance(event, Offered) and board.stage:
            console.print(board.stage, markup=False)
        if isinstance(event, Ended) and record is not None:
            console.print(board.line(record), markup=False)
        _tell_of_shipping(event, console)
        for line in trouble:
            console.print(line, markup=False)
        sys.stdout.flush()

    yield listen


def _tell_of_shipping(event: Event, console: Console) -> None:
    if isinstance(event, Shipping):
        console.print(f"{event.waiting} runs are still being shipped to MLflow", markup=False)


def picture(board: Board) -> Group:
    """What a terminal shows: a bar, what each worker does, the table filling."""
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(40), MofNCompleteColumn(), TextColumn(f"{board.eta} left")
    )
    name = f"{board.plan.spec.name}, {board.stage}" if board.stage else board.plan.spec.name
    bar.add_task(name, total=board.total, completed=board.done)
    doing = [f"  {name}: {what}" for name, what in sorted(board.workers.items())]
    return Group(bar, *doing, *([] if board.plan.searching else [_table(board)]))


def _table(board: Board) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for column in board.columns:
        table.add_column(column.heading, justify="right" if column.numeric else "left")
    for row in board.rows:
        table.add_row(*row)
    return table
