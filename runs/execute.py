"""Carrying out a plan: what is missing is offered, trained, written down and shipped; nothing is lost or done twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from runs.engines import Engine
from runs.events import Began, Broken, Claim, Died, Ended, Event, Point
from runs.files import write_json
from runs.home import Home, Unwritable
from runs.interrupts import held_interrupts
from runs.lock import alone
from runs.plan import Plan, plan_as_data
from runs.queue import Queue
from runs.records import DONE, Record, Records
from runs.shipping import Shipper
from runs.work import MAX_ATTEMPTS, lost, score

Listener = Callable[[Event, Record | None], None]
"""Hears of every event, with the record where a run ended."""


class NoWorkers(RuntimeError):
    """Worker after worker died before it took a run."""


@dataclass
class Summary:
    """How it ended: every planned run is in one of these, by fingerprint."""

    done: dict[str, Record] = field(default_factory=dict)
    failed: dict[str, Record] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unshipped: int = 0
    """Records that the tracker has not taken yet."""

    @property
    def complete(self) -> bool:
        return not self.failed and not self.missing


def execute(
    plan: Plan, home: Home, engine: Callable[[], Engine], listener: Listener, fail_fast: bool = False
) -> Summary:
    """Trains the runs that have no record yet; those recorded are only shipped.

    Raises Busy where somebody else is at it, and Unwritable where results can no longer be written. What has ended
    by then is kept, and doing it again goes on from there.
    """
    home.prepare()
    with alone(home, plan.spec.name, patience=1.0):  # `status` looks for a moment
        return _Execution(plan, home, listener, fail_fast).carry_out(engine)


class _Execution:
    def __init__(self, plan: Plan, home: Home, listener: Listener, fail_fast: bool):
        self.plan, self.home, self.listener, self.fail_fast = plan, home, listener, fail_fast
        self.records = Records(home)
        self.claims: dict[str, Claim] = {}
        self.stillborn = 0
        newest = self.records.newest(plan.by_fingerprint)
        self.summary = Summary(done={key: record for key, record in newest.items() if record["status"] in DONE})
        self.attempts = {key: record["attempt"] + 1 for key, record in newest.items()}
        self.waiting = {run.fingerprint: None for run in plan.runs if run.fingerprint not in self.summary.done}

    def carry_out(self, engine: Callable[[], Engine]) -> Summary:
        write_json(self.home.plan(self.plan.spec.name), plan_as_data(self.plan))
        shipper = Shipper(self.plan, self.home)
        try:
            if self.waiting:
                self._offer()
                self._work_off(engine, shipper)
            shipper.open().catch_up(self.summary.done)
        finally:
            self.summary.missing = list(self.waiting)
            shipper.close(self.summary.complete)
        self.summary.unshipped = shipper.waiting
        return self.summary

    @held_interrupts()
    def _offer(self) -> None:
        self.queue = Queue(self.home.journal(self.plan.spec.name), self.plan.spec.name)
        for claim in self.queue.running():  # this process holds the lock, so nobody works on those
            self.queue.complete(claim, None)
        self.queue.withdraw()
        self.queue.offer(self.waiting, self.attempts)

    def _work_off(self, engine: Callable[[], Engine], shipper: Shipper) -> None:
        with engine() as working:
            shipper.open()  # while the workers import torch
            shipper.catch_up(self.summary.done)
            for event in working.events():
                self._handle(event, shipper)
                if not self.waiting or (self.fail_fast and self.summary.failed):
                    return

    @held_interrupts()
    def _handle(self, event: Event, shipper: Shipper) -> None:
        record = None
        match event:
            case Began(worker, claim):
                self.claims[worker] = claim
                shipper.began(claim)
            case Point(_, key, epoch, measures):
                shipper.point(key, epoch, measures)
            case Ended(worker, key, record_id):
                self.claims.pop(worker, None)
                record = self._ended(key, self.records.find(record_id))
            case Died(worker, reason):
                record = self._died(self.claims.pop(worker, None), reason)
            case Broken(_, reason):
                raise Unwritable(f"results cannot be written: {reason}; nothing recorded is lost: make room, run again")
        if record is not None:
            shipper.ship(record)
        self.listener(event, record)
        shipper.flush()

    def _ended(self, key: str, record: Record | None) -> Record:
        assert record is not None, f"{key} was reported as ended without a record"
        self.waiting.pop(key, None)
        (self.summary.done if record["status"] in DONE else self.summary.failed)[key] = record
        return record

    def _died(self, claim: Claim | None, reason: str) -> Record | None:
        """A dead worker's run goes back to the queue, unless its record was written with the last breath."""
        if claim is None:
            self._dead_before_work(reason)
            return None
        record = self.records.find(f"{claim.key}.{claim.attempt}")
        if record is None and claim.attempt < MAX_ATTEMPTS + self.attempts.get(claim.key, 1) - 1:
            self.queue.release(claim)
            return None
        if record is None:
            record = lost(self.plan.by_fingerprint[claim.key], self.plan.spec.name, claim.attempt, reason)
            self.records.write(record)
        self.queue.complete(claim, score(record))
        return self._ended(claim.key, record)

    def _dead_before_work(self, reason: str) -> None:
        self.stillborn += 1
        if self.stillborn > MAX_ATTEMPTS:
            raise NoWorkers(f"workers do not start: {reason} before it had a run; its own message is above")
