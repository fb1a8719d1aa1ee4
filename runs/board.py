"""What is known of an ablation at a moment while it is carried out: done of all, time left, means so far, failures."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import mean
from typing import Any

from ablations.views import Cell, Column, View
from runs.events import Began, Died, Event, Offered, Point
from runs.plan import Cell as PlannedCell
from runs.plan import Plan, Run
from runs.records import Record, versions
from runs.slots import Slot
from runs.stages import reached
from runs.trials import expected_runs


class Board:
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
        where = f"{len(self.slots)} worker{'s' * (len(self.slots) > 1)} on {'GPU' if self.slots[0].gpu else 'CPU'}"
        name, about = self.plan.spec.name, "about " * self.plan.searching
        yield f"{name}: {about}{self.total} runs, {self.done} recorded, {self.left} to train, {where}"
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
                self.workers[worker] = self.plan.by_fingerprint[claim.key].title
            case Point(worker, key, epoch, _):
                self.workers[worker] = f"{self.plan.by_fingerprint[key].title}, epoch {epoch}"
            case Died(worker, _):
                self.workers.pop(worker, None)
        told = self._recorded(record) if record is not None else []
        if isinstance(event, Died):
            fate = "goes back to the queue" if record is None else "was recorded"
            return [f"{event.worker}: {event.reason}; its run {fate}", *told]
        return told

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
