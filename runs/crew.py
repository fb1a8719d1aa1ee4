"""A command's own workers: what they report is shown and shipped, what the dead among them held is given back."""

from __future__ import annotations

import contextlib

from runs.campaign import Part
from runs.events import Began, Broken, Claim, Died, Ended, Event, Point
from runs.feeding import MAX_ATTEMPTS, taken_back
from runs.home import Unwritable
from runs.plan import Run
from runs.queue import Queue
from runs.records import Record, Records
from runs.shipping import Shipper
from runs.work import score


class NoWorkers(RuntimeError):
    """Worker after worker died before it took a run."""


class Crew:
    """Hears of every event of this command's workers."""

    def __init__(self, part: Part, records: Records, shipper: Shipper):
        self._part, self._records, self._shipper = part, records, shipper
        self._proven: set[str] = set()
        """Workers that have begun a run."""
        self._stillborn = 0

    def hear(self, event: Event) -> Record | None:
        """Shows and ships what one of them tells; returns the record where a run ended."""
        match event:
            case Began(worker, claim):
                self._proven.add(worker)
                self._stillborn = 0
                self._shipper.began(claim)
            case Point(_, key, epoch, measures):
                self._shipper.point(key, epoch, measures)
            case Ended(_, key, record_id, _):
                record = self._records.get(record_id)
                assert record is not None, f"{key} was reported as ended without a record"
                self._shipper.ship(record)
                return record
            case Broken(_, reason):
                raise Unwritable(f"results cannot be written: {reason}; nothing recorded is lost: make room, run again")
        return None

    def bury(self, dead: Died) -> None:
        """Raises NoWorkers where they die one after the other before they take a run."""
        if dead.worker not in self._proven:
            self._stillborn += 1
        if self._stillborn > MAX_ATTEMPTS:
            raise NoWorkers(f"workers do not start: {dead.reason} before it had a run; its own message is above")

    def take_back(self, queue: Queue, run: Run, claim: Claim, reason: str) -> Record | None:
        """Gives a run back that nobody works on; returns its record where it has ended all the same."""
        record = taken_back(self._part, self._records, run, claim, reason)
        queue.complete(claim, None if record is None else score(record))
        if record is not None:
            self._shipper.ship(record)
        return record

    def leave(self) -> None:
        """Has all see that workers are gone that had to stop in the middle of a run, so that nobody waits for them."""
        shared = self._part.shared
        with contextlib.suppress(Exception):  # they are missed after a while, too
            for one in shared.present(self._part.name):
                if one.member == self._part.me.worker and not one.is_command:
                    shared.leave(one)
