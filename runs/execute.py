"""Carrying out a plan: what is missing is offered, trained, written down and shipped; nothing is lost or done twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from ablations.views import View, Viewed
from runs.engines import Engine
from runs.events import Began, Broken, Claim, Died, Ended, Event, Offered, Point
from runs.files import write_json
from runs.home import Home, Unwritable
from runs.interrupts import held_interrupts
from runs.lock import alone
from runs.plan import Plan, Run
from runs.queue import Queue
from runs.records import Record, Records, is_settled
from runs.search import searched
from runs.shipping import Shipper
from runs.stages import Decide, work_in_stages
from runs.views import summary_view
from runs.work import MAX_ATTEMPTS, lost, score
from runs.written import plan_as_data

UNHEARD = 2.0
"""Seconds that a living worker has for telling what it claimed. A frozen one may need more: its run is trained twice,
with the same numbers, and the first record counts."""
Listener = Callable[[Event, Record | None], None]
"""Hears of every event, with the record where a run ended."""


class NoWorkers(RuntimeError):
    """Worker after worker died before it took a run."""


@dataclass(repr=False)
class Summary(Viewed):
    """How it ended: every planned run is in one of these, by fingerprint."""

    plan: Plan
    """As it was carried out, with the settings that a search chose."""
    done: dict[str, Record] = field(default_factory=dict)
    failed: dict[str, Record] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unshipped: int = 0
    """Records that the tracker has not taken yet."""

    @property
    def view(self) -> View:
        return summary_view(self)

    @property
    def complete(self) -> bool:
        return not self.failed and not self.missing


def execute(
    plan: Plan,
    home: Home,
    engine: Callable[[], Engine],
    listener: Listener,
    fail_fast: bool = False,
    decide: Decide | None = None,
) -> Summary:
    """Trains the runs that have no record yet, those of the search first; those recorded are only shipped.

    `decide` tells which arms get more seeds, where the spec has a rule for that.

    Raises Busy where somebody else is at it, and Unwritable where results can no longer be written. What has ended
    by then is kept, and doing it again goes on from there.
    """
    home.prepare()
    with alone(home, plan.spec.name, patience=1.0):  # `status` looks for a moment
        with _Execution(plan, home, engine, listener, fail_fast) as execution:
            if plan.searching:
                plan = searched(plan, execution.records, execution.work_off)
            work_in_stages(plan, execution.records, decide, execution.work_off)
        return execution.summary


class _Execution:
    """Works off runs, batch after batch, with the same workers, queue and tracker."""

    def __init__(self, plan: Plan, home: Home, engine: Callable[[], Engine], listener: Listener, fail_fast: bool):
        self.home, self.engine, self.listener, self.fail_fast = home, engine, listener, fail_fast
        self.records, self.shipper = Records(home), Shipper(plan, home)
        self.claims: dict[str, Claim] = {}
        self.stillborn = 0
        self.orphans_due: float | None = None
        """When to look for runs that a worker claimed and took into its grave, before anybody heard of it."""
        self.summary, self.waiting = Summary(plan), dict[str, None]()
        self._workplace = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        try:
            self._workplace.close()
        finally:
            self.summary.missing = list(self.waiting)
            self.shipper.close(kind is None and self.summary.complete)
            self.summary.unshipped = self.shipper.waiting

    def work_off(self, plan: Plan, runs: Iterable[Run]) -> bool:
        """Trains those of the plan's runs that have no record yet; tells whether there may be more."""
        self._take_up(plan, runs)
        if self.waiting:
            self._offer()
            for event in self.events:
                self._handle(event)
                if not self.waiting or self._stopped:
                    break
        self.shipper.catch_up(self.summary.done)
        return not self._stopped

    @property
    def _stopped(self) -> bool:
        return self.fail_fast and bool(self.summary.failed)

    def _take_up(self, plan: Plan, runs: Iterable[Run]) -> None:
        self.plan = self.shipper.plan = plan
        write_json(self.home.plan(plan.spec.name), plan_as_data(plan))
        wanted = {run.fingerprint: run for run in runs}
        newest = self.records.newest(wanted)
        done = {key: record for key, record in newest.items() if is_settled(wanted[key], record)}
        # What failed in an earlier batch is not tried again before somebody has looked at it.
        failed = {key: record for key, record in self.summary.failed.items() if key in wanted}
        self.summary = Summary(plan, done, failed)
        self.attempts = {key: record["attempt"] + 1 for key, record in newest.items()}
        self.waiting = {key: None for key in wanted if key not in done and key not in failed}
        self.listener(Offered(plan, list(wanted.values()), done | failed), None)

    @held_interrupts()
    def _offer(self) -> None:
        self.queue.offer(self.waiting, self.attempts)

    @cached_property
    def queue(self) -> Queue:
        """The queue, rid of what an interrupted ablation left in it."""
        queue = Queue(self.home.journal(self.plan.spec.name), self.plan.spec.name)
        for claim in queue.running():  # this process holds the lock, so nobody works on those
            queue.complete(claim, None)
        queue.withdraw()
        return queue

    @cached_property
    def events(self) -> Iterator[Event]:
        """What the workers report; they are started when there is something to do for the first time."""
        working = self._workplace.enter_context(self.engine())
        self.shipper.open().catch_up(self.summary.done)  # while the workers import torch
        return working.events()

    @held_interrupts()
    def _handle(self, event: Event) -> None:
        record = None
        match event:
            case Began(worker, claim):
                self.claims[worker] = claim
                self.shipper.began(claim)
            case Point(_, key, epoch, measures):
                self.shipper.point(key, epoch, measures)
            case Ended(worker, key, record_id):
                self.claims.pop(worker, None)
                record = self._ended(key, self.records.find(record_id))
            case Died(worker, reason):
                record = self._died(self.claims.pop(worker, None), reason)
            case Broken(_, reason):
                raise Unwritable(f"results cannot be written: {reason}; nothing recorded is lost: make room, run again")
        self._tell(event, record)
        if self.orphans_due is not None and time.monotonic() >= self.orphans_due:
            self._reclaim_orphans()

    def _tell(self, event: Event, record: Record | None) -> None:
        if record is not None:
            self.shipper.ship(record)
        self.listener(event, record)
        self.shipper.flush()

    def _ended(self, key: str, record: Record | None) -> Record:
        assert record is not None, f"{key} was reported as ended without a record"
        self.waiting.pop(key, None)
        settled = is_settled(self.plan.by_fingerprint[key], record)
        (self.summary.done if settled else self.summary.failed)[key] = record
        return record

    def _died(self, claim: Claim | None, reason: str) -> Record | None:
        """A dead worker's run goes back to the queue, unless its record was written with the last breath."""
        if claim is None:
            self._dead_before_work(reason)
            return None
        return self._lost(claim, reason)

    def _lost(self, claim: Claim, reason: str) -> Record | None:
        record = self.records.find(f"{claim.key}.{claim.attempt}")
        if record is None and claim.attempt < MAX_ATTEMPTS + self.attempts.get(claim.key, 1) - 1:
            self.queue.release(claim)
            return None
        if record is None:
            record = lost(self.plan.by_fingerprint[claim.key], self.plan.spec.name, claim.attempt, reason)
            self.records.write(record)
        self.queue.complete(claim, score(record))
        return self._ended(claim.key, record)

    def _reclaim_orphans(self) -> None:
        """A worker that died between claiming a run and telling so leaves it claimed, and nobody would ever end it."""
        self.orphans_due = None
        heard = {claim.number for claim in self.claims.values()}
        for claim in (claim for claim in self.queue.running() if claim.number not in heard):
            reason = "its worker died as it took it"
            if (record := self._lost(claim, reason)) is not None:
                self._tell(Ended("", claim.key, record["id"]), record)

    def _dead_before_work(self, reason: str) -> None:
        self.orphans_due = time.monotonic() + UNHEARD
        self.stillborn += 1
        if self.stillborn > MAX_ATTEMPTS:
            raise NoWorkers(f"workers do not start: {reason} before it had a run; its own message is above")
