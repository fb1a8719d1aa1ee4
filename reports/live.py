"""Progress while runs are carried out: done of all, time left, the table filling, failures as they happen."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import mean
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from runs.events import Began, Died, Ended, Event, Point
from runs.execute import Listener
from runs.plan import Plan
from runs.records import DONE, Record, versions
from runs.slots import Slot


@contextmanager
def progress(plan: Plan, newest: Mapping[str, Record], slots: Sequence[Slot]) -> Iterator[Listener]:
    """A listener that shows what it hears: a live table on a terminal, a line per run elsewhere."""
    console = Console(highlight=False, soft_wrap=True)
    board = _Board(plan, {key: record for key, record in newest.items() if record["status"] in DONE}, slots)
    for line in board.opening():
        console.print(line, markup=False)
    if not board.left:
        yield lambda event, record: None
    elif console.is_terminal:
        yield from _live(board, console)
    else:
        yield from _lines(board, console)


def _live(board: _Board, console: Console) -> Iterator[Listener]:
    with Live(board.shown(), console=console, refresh_per_second=4, transient=True) as live:

        def listen(event: Event, record: Record | None) -> None:
            for line in board.hear(event, record):
                console.print(line, markup=False, style="red")
            live.update(board.shown())

        yield listen


def _lines(board: _Board, console: Console) -> Iterator[Listener]:
    def listen(event: Event, record: Record | None) -> None:
        trouble = board.hear(event, record)
        if isinstance(event, Ended) and record is not None:
            console.print(board.line(record), markup=False)
        for line in trouble:
            console.print(line, markup=False)
        sys.stdout.flush()

    yield listen


class _Board:
    """What is known at a moment."""

    def __init__(self, plan: Plan, done: dict[str, Record], slots: Sequence[Slot]):
        self.plan, self.slots, self.recorded = plan, slots, done
        self.started = time.monotonic()
        self.left = len(plan.runs) - len(done)
        self.trained = 0
        self.workers: dict[str, str] = {}
        self.found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for key, record in done.items():
            run = plan.by_fingerprint[key]
            self.found[run.planned.arm.name, run.planned.model].append(record["metrics"])

    def opening(self) -> Iterator[str]:
        total = len(self.plan.runs)
        where = f"{len(self.slots)} worker{'s' * (len(self.slots) > 1)} on {'GPU' if self.slots[0].gpu else 'CPU'}"
        yield f"{self.plan.spec.name}: {total} runs, {total - self.left} recorded, {self.left} to train, {where}"
        torch = versions()["torch"]
        others = {record["versions"]["torch"] for record in self.recorded.values()} - {torch}
        if others:
            yield f"Note: recorded runs were trained with torch {', '.join(sorted(others))}; this is {torch}."

    def hear(self, event: Event, record: Record | None) -> list[str]:
        """Takes note; returns what has to be said at once."""
        if isinstance(event, Began):
            self.workers[event.worker] = self.plan.by_fingerprint[event.claim.key].title
        elif isinstance(event, Point):
            title = self.plan.by_fingerprint[event.key].title
            self.workers[event.worker] = f"{title}, epoch {event.epoch}"
        elif isinstance(event, Died):
            self.workers.pop(event.worker, None)
        said = (
            [f"{event.worker}: {event.reason}; its run goes back to the queue"]
            if isinstance(event, Died) and not record
            else []
        )
        if record is None:
            return said
        self.trained += 1
        self.found[record["arm"], record["model"]].append(record["metrics"])
        if record["status"] == "failed":
            said.append(f"failed: {record['run_name']}: {record['reason']}")
        return said

    @property
    def eta(self) -> str:
        if not self.trained:
            return "--:--"
        seconds = (time.monotonic() - self.started) / self.trained * (self.left - self.trained)
        minutes, seconds = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    def line(self, record: Record) -> str:
        result = record["status"]
        if "test_accuracy" in record["metrics"]:
            result = f"{record['status']}, test {record['metrics']['test_accuracy']:.1f} %"
        done = len(self.plan.runs) - self.left + self.trained
        return f"[{done}/{len(self.plan.runs)}] {record['run_name']}: {result}; {self.eta} left"

    def shown(self) -> Group:
        bar = Progress(
            TextColumn("{task.description}"), BarColumn(40), MofNCompleteColumn(), TextColumn(f"{self.eta} left")
        )
        total = len(self.plan.runs)
        bar.add_task(self.plan.spec.name, total=total, completed=total - self.left + self.trained)
        return Group(bar, *(f"  {name}: {doing}" for name, doing in sorted(self.workers.items())), self.table())

    def table(self) -> Table:
        """Means so far; verdicts wait for all seeds, since looking early is how false ones are made."""
        several = len({one.model for one in self.plan.arms}) > 1
        table = Table(box=None, padding=(0, 1), header_style="bold")
        for name in ["Arm", *(["Model"] if several else [])]:
            table.add_column(name)
        for name in ("Runs", "Train", "Test", "Gap"):
            table.add_column(name, justify="right")
        for one in self.plan.arms:
            metrics = self.found[one.arm.name, one.model]
            cells = [_mean(metrics, name) for name in ("train_accuracy", "test_accuracy", "gap")]
            table.add_row(one.arm.name, *([one.model] if several else []), str(len(metrics)), *cells)
        return table


def _mean(metrics: list[dict[str, Any]], name: str) -> str:
    values = [one[name] for one in metrics if name in one]
    return f"{mean(values):.1f}" if values else ""
