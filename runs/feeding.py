"""What the leader of a campaign does for all: it keeps the queue filled, and takes back what is held by those who are
gone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from runs.campaign import Part
from runs.events import Claim
from runs.plan import Run
from runs.presence import LEASE, Presence, Watch
from runs.queue import Held, Look, Queue
from runs.records import LOST, Record, Records, make_record

MAX_ATTEMPTS = 3
"""Times that a run is begun in a campaign before a worker that dies under it is taken for the run's own fault."""
UNHEARD = 2.0
"""Seconds that a living worker has for telling what it claimed. A frozen one may need more: its run is trained twice,
and the first record of an attempt counts."""


class Gone(NamedTuple):
    """A claimed run that nobody works on any more."""

    held: Held
    reason: str


class Feeder:
    """Offers runs, a window of them at a time, and sees who is gone."""

    def __init__(self, part: Part, queue: Queue):
        self._part, self._queue = part, queue
        self._watch: Watch[Claim] = Watch()
        self._todo: dict[str, None] = {}

    def see(self, look: Look, waiting: Iterable[str], last_attempts: dict[str, int]) -> None:
        """Fills the queue with those of the waiting runs that nobody has been offered."""
        offered = look.waiting | {held.claim.key for held in look.running}
        self._todo = {key: None for key in waiting if key not in offered}
        workers = sum(not one.is_command for one in self._present())
        for _ in range(self._queue.window(workers) - len(look.waiting)):
            self.offer_next(last_attempts)

    def offer_next(self, last_attempts: dict[str, int]) -> None:
        """One more run for the queue, where any is left."""
        key = next(iter(self._todo), None)
        if key is not None:
            del self._todo[key]
            self._queue.offer(key, last_attempts.get(key, 0) + 1)

    def gone(self, look: Look) -> Iterator[Gone]:
        """What is held by the dead, and by those whose lease has run out."""
        present = {one.worker: one for one in self._present()}
        still = self._watch.look({held.claim: _sign_of_life(held, present) for held in look.running})
        for held in look.running:
            reason = _why_gone(held, present, still[held.claim])
            if reason:
                yield Gone(held, reason)

    def _present(self) -> list[Presence]:
        return self._part.shared.present(self._part.name)


def _sign_of_life(held: Held, present: dict[str, Presence]) -> tuple[str | None, int | None]:
    """What changes as long as somebody works on a claim."""
    holder = present.get(held.worker or "")
    return held.worker, holder.beat if holder and holder.claim == held.claim else None


def _why_gone(held: Held, present: dict[str, Presence], still: float) -> str:
    """Empty where its holder is at work, as far as can be seen."""
    if held.worker is None:
        return "its worker died as it took it" if still >= UNHEARD else ""
    if held.worker not in present:
        return "its worker is gone" if still >= UNHEARD else ""
    return f"its worker has given no sign of life for {LEASE:g} s" if still >= LEASE else ""


def taken_back(part: Part, records: Records, run: Run, claim: Claim, reason: str) -> Record | None:
    """Ends an attempt that nobody works on; returns the run's record where that ends the run, too: it was written
    with the last breath, or it is one death too many."""
    earlier = [one for one in records.attempts(run.fingerprint) if _is_lost_in(one, part)]
    too_often = len(earlier) + 1 >= MAX_ATTEMPTS
    told = f"{reason}, {MAX_ATTEMPTS} times under this run" if too_often else reason
    by = {"member": part.me.worker, "campaign": part.campaign.id}
    status = "failed" if too_often else LOST
    record = make_record(run, part.name, claim.attempt, status, time.time(), reason=told, **by)
    if records.write(record):
        return record if too_often else None
    found = records.get(claim.id)
    return found if found and found["status"] != LOST else None


def _is_lost_in(record: Record, part: Part) -> bool:
    """Whether a worker died under it in this campaign; memory that ran out is no death."""
    return record["status"] == LOST and record["campaign"] == part.campaign.id and "crowded" not in record
