"""Carrying out a plan: what is missing is offered, trained, written down and shipped; nothing is lost or done twice."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from ablations.views import View, Viewed
from runs.campaign import Part, taking_part
from runs.crew import Crew
from runs.engines import Engine
from runs.events import Began, Claim, Died, Ended, Event, Joined, Offered, Shipping, TakenBack
from runs.feeding import Feeder
from runs.home import Home
from runs.interrupts import held_interrupts
from runs.plan import Plan, Run
from runs.queue import Look, Queue
from runs.records import LOST, Record, Records, is_settled
from runs.search import searched
from runs.shipping import GRACE, Shipper
from runs.stages import Decide, work_in_stages
from runs.views import summary_view

EVERY = 0.25
"""Seconds between two looks at the queue."""
Listener = Callable[[Event, Record | None], None]
"""Hears of every event, with the record where a run ended."""


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
    failed_checks: dict[str, str] = field(default_factory=dict)
    """Exact facts that could not be carried out, by name, and why."""

    @property
    def view(self) -> View:
        return summary_view(self)

    @property
    def complete(self) -> bool:
        return not (self.failed or self.missing or self.failed_checks)


def execute(
    plan: Plan,
    home: Home,
    engine: Callable[[str], Engine],
    listener: Listener,
    fail_fast: bool = False,
    decide: Decide | None = None,
) -> Summary:
    """Trains the runs that have no record yet, those of the search first; those recorded are only shipped.

    Others may do the same at the same time: the work is shared, and nothing is done twice. `engine` is given this
    command's name among them. `decide` tells which arms get more seeds, where the spec has a rule for that.

    Raises Busy where somebody else is at it with another plan or other code, and Unwritable where results can no
    longer be written. What has ended by then is kept, and doing it again goes on from there.
    """
    home.prepare()
    with taking_part(plan, home) as part:
        if not part.leads:
            listener(Joined(part.workers), None)
        with _Execution(part, plan, home, engine, listener, fail_fast) as execution:
            if plan.searching:
                plan = searched(plan, execution.records, execution.work_off)
            work_in_stages(plan, execution.records, decide, execution.work_off)
        return execution.summary


class _Execution:
    """Works off runs, batch after batch, with the same workers, queue and tracker; others may do so beside it."""

    def __init__(
        self, part: Part, plan: Plan, home: Home, engine: Callable[[str], Engine], listener: Listener, fail_fast: bool
    ):
        self.part, self.engine, self.listener, self.fail_fast = part, engine, listener, fail_fast
        self.records, self.shipper = Records(home), Shipper(plan, home, part)
        self.crew = Crew(part, self.records, self.shipper)
        self.last_attempts: dict[str, int] = {}
        self.next_look = 0.0
        self.summary, self.waiting = Summary(plan), dict[str, None]()
        self._workplace = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        try:
            self._workplace.close()
        finally:
            self.crew.leave()
            self.summary.missing = [*self.waiting, *self._vanished()]
            patience = math.inf if kind is None else GRACE
            self.shipper.close(kind is None and self.summary.complete, self._tell_left, patience)
            self.summary.unshipped = self.shipper.waiting
            if self.part.leads:
                self.part.write(self.summary.plan, over=True)

    def _tell_left(self, waiting: int) -> None:
        self.listener(Shipping(waiting), None)

    def work_off(self, plan: Plan, runs: Iterable[Run]) -> bool:
        """Has those of the plan's runs trained that have no record yet; tells whether there may be more."""
        self._take_up(plan, runs)
        if self.waiting:
            self._look()
            for event in self.events:
                self._handle(event)
                if not self.waiting or self._stopped:
                    break
        self.shipper.catch_up(self.summary.done.values())
        return not self._stopped

    @property
    def _stopped(self) -> bool:
        return self.fail_fast and bool(self.summary.failed)

    def _take_up(self, plan: Plan, runs: Iterable[Run]) -> None:
        self.plan = plan
        self.shipper.go_by(plan)
        if self.part.take_lead():
            self.part.write(plan)
        wanted = {run.fingerprint: run for run in runs}
        newest = self.records.newest(wanted)
        done = {key: record for key, record in newest.items() if is_settled(wanted[key], record)}
        failed = {key: record for key, record in newest.items() if key not in done and self._is_final(record)}
        self.summary = Summary(plan, done, failed)
        self.last_attempts = self.records.last_attempts(wanted)
        self.waiting = {key: None for key in wanted if key not in done and key not in failed}
        self.listener(Offered(plan, list(wanted.values()), done | failed), None)

    def _is_final(self, record: Record) -> bool:
        """What failed in this campaign is not tried again before somebody has looked at it."""
        return record.get("campaign") == self.part.campaign.id

    def _vanished(self) -> list[str]:
        """Runs that count as done and have no record, which a last look at the folder shows."""
        there = self.records.last_attempts(self.summary.done)
        return [key for key in self.summary.done if key not in there]

    @cached_property
    def queue(self) -> Queue:
        return self.part.shared.queue(self.part.name, self.part.campaign.id)

    @cached_property
    def feeder(self) -> Feeder:
        return Feeder(self.part, self.queue)

    @cached_property
    def events(self) -> Iterator[Event]:
        """What the workers report; they are started when there is something to do for the first time."""
        working = self._workplace.enter_context(self.engine(self.part.me.worker))
        self.shipper.catch_up(self.summary.done.values())  # while the workers import torch
        return working.events()

    @held_interrupts()
    def _handle(self, event: Event) -> None:
        record = self.crew.hear(event)
        if record is not None:
            self._ended(event, record)
        else:
            self._tell(event, None)
        if isinstance(event, Died):
            self._died(event)
        if time.monotonic() >= self.next_look:
            self._look()

    def _tell(self, event: Event, record: Record | None) -> None:
        """Others in the campaign may be a stage ahead; what their runs come to is seen when this one is there."""
        key = getattr(event, "key", None) or (event.claim.key if isinstance(event, Began) else None)
        if key is None or key in self.plan.by_fingerprint:
            self.listener(event, record)

    def _ended(self, event: Event, record: Record) -> None:
        """A run of one of this command's workers."""
        self._settle(record, event)
        if self.part.leads:
            self.feeder.offer_next(self.last_attempts)

    def _settle(self, record: Record, event: Event) -> None:
        """Counts a run whose record is there, once; tells of it."""
        key = record["fingerprint"]
        if key in self.waiting:
            del self.waiting[key]
            settled = is_settled(self.plan.by_fingerprint[key], record)
            (self.summary.done if settled else self.summary.failed)[key] = record
            self._tell(event, record)

    def _look(self) -> None:
        """Sees what others have ended and, where this command leads, to it that work goes on."""
        look, led = self._seen(), self.part.leads
        if self.part.take_lead():
            if not led:  # workers go by what the leader wrote, and this one may be ahead of the last
                self.part.write(self.plan)
            for held, reason in list(self.feeder.gone(look)):
                self._take_back(held.claim, held.worker or "", reason)
                look.running.remove(held)
            self.feeder.see(look, self.waiting, self.last_attempts)
        self.next_look = time.monotonic() + EVERY

    def _seen(self) -> Look:
        look = self.queue.look()
        for claim in look.ended:
            self._notice(claim)
        return look

    def _notice(self, claim: Claim) -> None:
        record = self.records.get(claim.id)
        if record is None:
            return
        self.last_attempts[claim.key] = max(claim.attempt, self.last_attempts.get(claim.key, 0))
        if record["status"] != LOST and claim.key in self.waiting:
            self._settle(record, Ended("", claim.key, record["id"]))

    def _died(self, dead: Died) -> None:
        """A dead worker's run goes back to the queue, unless its record was written with the last breath."""
        for claim in self._seen().held_by(dead.worker):
            self._take_back(claim, dead.worker, dead.reason)
        self.next_look = 0.0  # what went back is offered at once
        self.crew.bury(dead)

    def _take_back(self, claim: Claim, worker: str, reason: str) -> None:
        run = self.plan.by_fingerprint.get(claim.key)
        if run is None:  # of another stage
            return
        record = self.crew.take_back(self.queue, run, claim, reason)
        self.last_attempts[claim.key] = max(claim.attempt, self.last_attempts.get(claim.key, 0))
        if record is None:
            self._tell(TakenBack(worker, claim.key, reason), None)
        else:
            self._settle(record, Ended(worker, claim.key, record["id"]))
