"""What is known of an ablation at a moment while it is carried out: done of all, time left, means so far, failures."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import mean
from typing import Any

from ablations.views import Cell, Column, View
from runs.events import Began, Crowded, Died, Event, Joined, Late, Offered, Point, Shipping, TakenBack
from runs.plan import Cell as PlannedCell
from runs.plan import Plan, Run
from runs.presence import shown
from runs.records import Record, versions
from runs.slots import Slot
from runs.stages import reached
from runs.trials import expected_runs


class Board:
    """What is known at a moment."""

    def __init__(self, plan: Plan, done: dict[str, Record], slots: Sequence[Slot]):
        self.slots, self.recorded = slots, done
        self.started: float | None = None
        """When the first run was seen to begin, or to end where others trained it; how long workers need to get ready
        says nothing of the runs."""
        self.ended = 0
        """Runs since then, whoever trained them."""
        self.workers: dict[str, str] = {}
        self._take_up(Offered(plan, list(plan.by_fingerprint.values()), done))

    def _take_up(self, batch: Offered) -> None:
        """The plan as it is now: a search adds to it, and is followed by what it was made for."""
        self.plan = batch.plan
        self.total = expected_runs(batch.plan)
        self.done = len(batch.plan.by_fingerprint) - len(batch.runs) + len(batch.done)
        self.stage = stage(batch.plan, batch.runs)
        self.found: dict[PlannedCell, list[dict[str, Any]]] = defaultdict(list)
        for key, record in batch.done.items():
            self._count(batch.plan.by_fingerprint[key], record)

    def _count(self, run: Run, record: Record) -> None:
        if run.planned.trial is None:
            self.found[run.planned.cell].append(record["metrics"])

    @property
    def left(self) -> int:
        return self.total - self.done

    def opening(self) -> Iterator[str]:
        name, about = self.plan.spec.name, "about " * self.plan.searching
        yield f"{name}: {about}{self.total} runs, {self.done} recorded, {self.left} to train, {_where(self.slots)}"
        if self.plan.spec.rule:
            yield f"Seeds: {self.plan.spec.rule.words}"
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
                self._start_the_clock()
                self.workers[shown(worker)] = self._title(claim.key)
            case Point(worker, key, epoch, _):
                self.workers[shown(worker)] = f"{self._title(key)}, epoch {epoch}"
            case Died(worker, _):
                self.workers.pop(shown(worker), None)
            case Shipping(waiting):
                self.workers = {"MLflow": f"{waiting} runs to be shipped"}
        return [*self._news(event), *(self._recorded(record) if record is not None else [])]

    def _news(self, event: Event) -> list[str]:
        """What happened to a worker, or to its run."""
        match event:
            case Joined(workers):
                theirs = f" of {_workers(workers)}" if workers else ""
                return [f"{self.plan.spec.name}: joins a running campaign{theirs}"]
            case Died(worker, reason):
                return [f"{shown(worker)}: {reason}"]
            case TakenBack(worker, key, reason):
                return [f"{self._title(key)}: {reason}; it goes back to the queue"]
            case Crowded(worker, key, reason):
                return [f"{self._title(key)}: {reason}; it goes back to the queue, for a larger share of the GPU"]
            case Late(worker, key):
                return [f"{shown(worker)}: {self._title(key)} came late, another had been given it; it is dropped"]
        return []

    def _title(self, key: str) -> str:
        return self.plan.by_fingerprint[key].title

    def _recorded(self, record: Record) -> list[str]:
        self.ended += self._start_the_clock()
        self.done += 1
        self._count(self.plan.by_fingerprint[record["fingerprint"]], record)
        return [f"failed: {record['run_name']}: {record['reason']}"] if record["status"] == "failed" else []

    def _start_the_clock(self) -> bool:
        """Tells whether it was running already."""
        running = self.started is not None
        self.started = self.started or time.monotonic()
        return running

    @property
    def eta(self) -> str:
        if self.started is None or not self.ended:
            return "--:--"
        seconds = (time.monotonic() - self.started) / self.ended * self.left
        minutes, seconds = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    def line(self, record: Record) -> str:
        return f"[{self.done}/{self.total}] {self.ending(record)}; {self.eta} left"

    def ending(self, record: Record) -> str:
        """How a run ended, in a few words."""
        result, shown = record["status"], "val" if self.plan.searching else "test"
        if f"{shown}_accuracy" in record["metrics"]:
            result = f"{record['status']}, {shown} {record['metrics'][f'{shown}_accuracy']:.1f} %"
        return f"{record['run_name']}: {result}"

    def view(self, said: Sequence[str]) -> View:
        """What a notebook shows, with all that had to be said."""
        doing = (f"{name}: {what}" for name, what in sorted(self.workers.items()))
        stage = f", {self.stage}" if self.stage else ""
        title = f"{self.plan.spec.name}{stage}: {self.done} of {self.total} runs"
        rows = () if self.plan.searching else tuple(tuple(map(Cell, row)) for row in self.rows)
        if not self.left:
            return View(title, warnings=tuple(said), columns=self.columns, rows=rows)
        return View(f"{title}, {self.eta} left", (), tuple(said), self.columns, rows, "; ".join(doing))

    @property
    def columns(self) -> tuple[Column, ...]:
        names = ("Arm", "Model") if self.several else ("Arm",)
        return *map(Column, names), *(Column(name, numeric=True) for name in ("Runs", "Train", "Test", "Gap"))

    @property
    def rows(self) -> Iterator[tuple[str, ...]]:
        """Means so far; verdicts wait for all seeds, since looking early is how false ones are made."""
        for one in self.plan.arms:
            metrics = self.found[one.cell]
            cells = [_mean(metrics, name) for name in ("train_accuracy", "test_accuracy", "gap")]
            yield one.arm.name, *([one.model] if self.several else []), str(len(metrics)), *cells

    @property
    def several(self) -> bool:
        return len({one.model for one in self.plan.arms}) > 1


def _where(slots: Sequence[Slot]) -> str:
    if not slots:
        return "on the workers that join"
    return f"{_workers(len(slots))} on {'GPU' if slots[0].gpu else 'CPU'}"


def _workers(number: int) -> str:
    return f"{number} worker{'s' * (number != 1)}"


def stage(plan: Plan, runs: Sequence[Run]) -> str:
    """Where a search is, by the arm that has got the least far; then, which look is at work; nothing where all runs
    are carried out in one go."""
    trials = [run.planned.trial for run in runs if run.planned.trial is not None]
    if not plan.searching or plan.spec.tune is None or not trials:
        return reached(plan)
    return f"searching: round {1 + min(trials)} of {plan.spec.tune.trials}"


def _mean(metrics: list[dict[str, Any]], name: str) -> str:
    values = [one[name] for one in metrics if name in one]
    return f"{mean(values):.1f}" if values else ""
