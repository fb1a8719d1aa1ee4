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

from runs.events import Began, Died, Ended, Event, Offered, Point
from runs.execute import Listener
from runs.plan import Cell, Plan, Run
from runs.records import Record, is_settled, versions
from runs.slots import Slot
from runs.trials import expected_runs


@contextmanager
def progress(plan: Plan, newest: Mapping[str, Record], slots: Sequence[Slot]) -> Iterator[Listener]:
    """A listener that shows what it hears: a live table on a terminal, a line per run elsewhere."""
    console = Console(highlight=False, soft_wrap=True)
    runs = plan.by_fingerprint
    board = _Board(plan, {key: record for key, record in newest.items() if is_settled(runs[key], record)}, slots)
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
        if isinstance(event, Offered) and board.stage:
            console.print(board.stage, markup=False)
        if isinstance(event, Ended) and record is not None:
            console.print(board.line(record), markup=False)
        for line in trouble:
            console.print(line, markup=False)
        sys.stdout.flush()

    yield listen


class _Board:
    """What is known at a moment."""

    def __init__(self, plan: Plan, done: dict[str, Record], slots: Sequence[Slot]):
        self.slots, self.recorded = slots, done
        self.started = time.monotonic()
        self.trained = 0
        self.workers: dict[str, str] = {}
        self._take_up(Offered(plan, list(plan.by_fingerprint.values()), done))

    def _take_up(self, batch: Offered) -> None:
        """The plan as it is now: a search adds to it, and is followed by what it was made for."""
        self.plan = batch.plan
        self.total = expected_runs(batch.plan)
        self.done = len(batch.plan.by_fingerprint) - len(batch.runs) + len(batch.done)
        self.stage = stage(batch.plan, batch.runs)
        self.found: dict[Cell, list[dict[str, Any]]] = defaultdict(list)
        for key, record in batch.done.items():
            self._count(batch.plan.by_fingerprint[key], record)

    def _count(self, run: Run, record: Record) -> None:
        if run.planned.trial is None:
            self.found[run.planned.cell].append(record["metrics"])

    @property
    def left(self) -> int:
        return self.total - self.done

    def opening(self) -> Iterator[str]:
        where = f"{len(self.slots)} worker{'s' * (len(self.slots) > 1)} on {'GPU' if self.slots[0].gpu else 'CPU'}"
        name, about = self.plan.spec.name, "about " * self.plan.searching
        yield f"{name}: {about}{self.total} runs, {self.done} recorded, {self.left} to train, {where}"
        torch = versions()["torch"]
        others = {record["versions"]["torch"] for record in self.recorded.values()} - {torch}
        if others:
            yield f"Note: recorded runs were trained with torch {', '.join(sorted(others))}; this is {torch}."

    def hear(self, event: Event, record: Record | None) -> list[str]:
        """Takes note; returns what has to be said at once."""
        match event:
            case Offered():
                self._take_up(event)
            case Began(worker, claim):
                self.workers[worker] = self.plan.by_fingerprint[claim.key].title
            case Point(worker, key, epoch, _):
                self.workers[worker] = f"{self.plan.by_fingerprint[key].title}, epoch {epoch}"
            case Died(worker, _):
                self.workers.pop(worker, None)
        if record is not None:
            return self._recorded(record)
        return [f"{event.worker}: {event.reason}; its run goes back to the queue"] if isinstance(event, Died) else []

    def _recorded(self, record: Record) -> list[str]:
        self.trained += 1
        self.done += 1
        self._count(self.plan.by_fingerprint[record["fingerprint"]], record)
        return [f"failed: {record['run_name']}: {record['reason']}"] if record["status"] == "failed" else []

    @property
    def eta(self) -> str:
        if not self.trained:
            return "--:--"
        seconds = (time.monotonic() - self.started) / self.trained * self.left
        minutes, seconds = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    def line(self, record: Record) -> str:
        result, shown = record["status"], "val" if self.plan.searching else "test"
        if f"{shown}_accuracy" in record["metrics"]:
            result = f"{record['status']}, {shown} {record['metrics'][f'{shown}_accuracy']:.1f} %"
        return f"[{self.done}/{self.total}] {record['run_name']}: {result}; {self.eta} left"

    def shown(self) -> Group:
        bar = Progress(
            TextColumn("{task.description}"), BarColumn(40), MofNCompleteColumn(), TextColumn(f"{self.eta} left")
        )
        name = f"{self.plan.spec.name}, {self.stage}" if self.stage else self.plan.spec.name
        bar.add_task(name, total=self.total, completed=self.done)
        doing = [f"  {name}: {what}" for name, what in sorted(self.workers.items())]
        return Group(bar, *doing, *([] if self.plan.searching else [self.table()]))

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


def stage(plan: Plan, runs: Sequence[Run]) -> str:
    """Where a search is, by the arm that has got the least far; nothing where none goes on."""
    trials = [run.planned.trial for run in runs if run.planned.trial is not None]
    if not plan.searching or plan.spec.tune is None or not trials:
        return ""
    return f"searching: round {1 + min(trials)} of {plan.spec.tune.trials}"


def _mean(metrics: list[dict[str, Any]], name: str) -> str:
    values = [one[name] for one in metrics if name in one]
    return f"{mean(values):.1f}" if values else ""
