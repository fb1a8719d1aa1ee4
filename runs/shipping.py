"""Shipping: records go from the local spool to MLflow, which may be slow, full or down without anything being lost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from runs.events import Claim
from runs.home import Home
from runs.interrupts import held_interrupts
from runs.plan import Plan, Run
from runs.records import Record, told

if TYPE_CHECKING:
    from runs.tracking import Tracker

EVERY = 3.0
"""Seconds between two looks at what is to be shipped, so that curves of long runs move while they are watched."""
PATIENCE = 15.0
"""Seconds after which a tracker that failed is tried again."""


class Shipper:
    """Hands records and live curves to the tracker; keeps what it would not take and tries again later."""

    def __init__(self, plan: Plan, home: Home):
        self.plan, self.home = plan, home
        self.trouble: str | None = None
        """Why the tracker would not take the last thing it was given."""
        self._tracker: Tracker | None = None
        self._due: dict[str, Record] = {}
        self._live: dict[str, _LiveRun] = {}
        self._next = time.monotonic() + EVERY

    @property
    def waiting(self) -> int:
        return len(self._due)

    def open(self) -> Self:
        """Connects, which takes seconds the first time: the database has to be made."""
        self._try(self._connect)
        return self

    def catch_up(self, records: Mapping[str, Record]) -> None:
        """Ships those that the tracker does not have: the spool of an interrupted ablation, runs shared with others."""
        for record in records.values():
            self.ship(record)

    def began(self, claim: Claim) -> None:
        self._live[claim.key] = _LiveRun(claim.attempt, time.time())

    def point(self, key: str, epoch: int, measures: dict[str, float]) -> None:
        if key in self._live and measures:  # members of an ensemble are heard of without any
            self._live[key].points.append((epoch, measures))

    def ship(self, record: Record) -> None:
        """Ships a record now, or later where the tracker is in trouble."""
        run = self.plan.by_fingerprint[record["fingerprint"]]
        self._due[record["id"]] = as_planned(record, run, self.plan.spec.name)
        if self.trouble is None:
            self._try(self._ship_due)

    def flush(self) -> None:
        """Every few seconds: live curves, and what the tracker would not take before."""
        if time.monotonic() >= self._next:
            self._try(self._connect, self._ship_due, self._show_live)
            self._next = time.monotonic() + (EVERY if self.trouble is None else PATIENCE)

    def close(self, complete: bool) -> None:
        """Last attempt; runs that are shown as running although they are not become KILLED."""
        self._try(self._connect, self._ship_due, lambda: self._finish(complete))

    def _connect(self) -> None:
        if self._tracker is None:
            from runs.tracking import Tracker

            self._tracker = Tracker(self.home, self.plan.spec.name)
            self._tracker.reconcile()
            self._tracker.describe(self.plan)

    def _ship_due(self) -> None:
        while self._tracker is not None and self._due:
            key = next(iter(self._due))
            record = self._due[key]
            live = self._live.get(record["fingerprint"])
            self._tracker.ship(record, live.run_id if live else None, live.shown if live else 0)
            self._live.pop(record["fingerprint"], None)
            del self._due[key]

    def _show_live(self) -> None:
        """Runs that take long enough to be watched get a child run before they end."""
        for key, live in self._live.items():
            if self._tracker is not None and live.points and time.time() - live.started >= EVERY:
                run = self.plan.by_fingerprint[key]
                live.run_id = live.run_id or self._tracker.begin(run, live.attempt, live.started)
                self._tracker.show(live.run_id, live.points)
                live.shown, live.points = live.points[-1][0], []

    def _finish(self, complete: bool) -> None:
        if self._tracker is not None:
            self._tracker.reconcile()
            self._tracker.finish(complete)

    @held_interrupts()
    def _try(self, *steps: Any) -> None:
        """The tracker is a library and a database of which anything may fail; the spool has it all."""
        try:
            for step in steps:
                step()
            self.trouble = None
        except Exception as error:
            self.trouble = in_a_line(error)


class _LiveRun:
    def __init__(self, attempt: int, started: float):
        self.attempt, self.started = attempt, started
        self.points: list[tuple[int, dict[str, float]]] = []
        self.run_id: str | None = None
        self.shown = 0


def in_a_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def as_planned(record: Record, run: Run, ablation: str) -> Record:
    """The record under the names that this plan gives it; one that another ablation trained says so."""
    reused = {"reused_from": record["ablation"]} if record["ablation"] != ablation else {}
    return {**record, **told(run), **reused}
