"""Joining ablations that others lead: workers of one's own for them, in another terminal or on another machine."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runs.board import Board
from runs.campaign import Part, campaign_of, version_of
from runs.commit import commit
from runs.crew import Crew
from runs.engines.local import Local
from runs.events import Began, Died, Event, TakenBack
from runs.home import Home
from runs.interrupts import held_interrupts
from runs.packing import Packing
from runs.presence import Lease, Presence, new_name
from runs.records import Records
from runs.shared import Shared, open_shared
from runs.shipping import GRACE, Shipper
from runs.slots import PerGpu
from runs.written import plan_from_data

PATIENCE = 60.0
"""Seconds without a running ablation after which there is nothing to stay for."""
LOOK = 1.0
"""Seconds between two looks at what is running."""
UNLED = 5.0
"""Seconds for another command to take the lead, where the one that had it is gone."""
Say = Callable[[str], object]


class OtherCode(ValueError):
    """What would be trained here is not what was planned."""


def join(
    home: Home,
    say: Say,
    name: str | None = None,
    *,
    workers: int | None = None,
    per_gpu: PerGpu = 1,
    patience: float = PATIENCE,
    other_code: bool = False,
) -> int:
    """Works for the running ablations, or that of a name, one after the other, until none has been running for so many
    seconds; returns how many runs ended here.

    Nothing is planned, offered or reported here: that is done by the command that leads. Raises OtherCode where the
    code or the images are not those of the plan, unless that is said to be alright; Unreachable where the database is
    away for too long, Unwritable where results cannot be written, NoWorkers where workers die before they take a run.
    """
    home.prepare()
    shared, ended = open_shared(home, patience), 0
    while (written := _next(shared, name, patience)) is not None:
        if not other_code:
            _check_code(written)
        joined = _Joined(home, shared, written, say, other_code)
        joined.work(Packing.here(workers, per_gpu))
        ended += joined.ended
    return ended


def _next(shared: Shared, name: str | None, patience: float) -> dict[str, Any] | None:
    """The plan of an ablation that goes on; None where there was none for so long."""
    until = time.monotonic() + patience
    while True:
        for one in shared.running():
            written = shared.read_plan(one) if name in (None, one) else None
            if written is not None and not written["over"]:
                return written
        if time.monotonic() >= until:
            return None
        time.sleep(LOOK)


def _check_code(written: Mapping[str, Any]) -> None:
    spec, campaign = plan_from_data(dict(written)).spec, campaign_of(written)
    if version_of(spec) != campaign.version:
        raise OtherCode(
            f"{spec.name}: it is trained with the code of commit {campaign.commit or 'unknown'}, here is commit "
            f"{commit() or 'unknown'} (or other images); use the same checkout and images, or go on with --other-code, "
            "which marks the runs"
        )


class _Joined:
    """The part that this command's workers take in one campaign."""

    def __init__(self, home: Home, shared: Shared, written: dict[str, Any], say: Say, other_code: bool):
        self.home, self.shared, self.say, self.other_code = home, shared, say, other_code
        self.plan, me = plan_from_data(written), new_name("worker")
        self.name, self.ended = self.plan.spec.name, 0
        self.part = Part(shared, self.name, Presence(me, self.name, "", me, os.getpid()))
        self.part.campaign = campaign_of(written)
        self.queue = shared.queue(self.name, self.part.campaign.id)
        self.shipper = Shipper(self.plan, home, self.part)
        self.crew = Crew(self.part, Records(home), self.shipper)
        self.next_look, self.led = 0.0, time.monotonic()

    def work(self, places: Packing) -> None:
        """Until the campaign is over, or nobody leads it any more."""
        slots, me = places.slots(), self.part.me
        self.board, patience = Board(self.plan, {}, slots), GRACE
        self.say(f"{self.name}: joined with {len(slots)} worker{'s' * (len(slots) > 1)}")
        with Lease(self.shared, me):
            try:
                with Local(self.home, self.name, places, me.worker, other_code=self.other_code) as engine:
                    why = self._heard(engine.events())
                patience = math.inf
            finally:
                self.crew.leave()
                self.shipper.close(False, self._say_what_waits, patience)
        self.say(f"{self.name}: {why}; {self.ended} run{'s' * (self.ended != 1)} ended here")
        if self.shipper.waiting:
            self.say(f"{self.name}: MLflow did not take all of them; `ablate report {self.name}` here tries again")

    def _heard(self, events: Iterator[Event]) -> str:
        """Hears of what happens; returns why there is nothing more to hear."""
        for event in events:
            self._handle(event)
            if why := self._why_over():
                return why
        raise AssertionError("an engine's events end when it is left")

    @held_interrupts()
    def _handle(self, event: Event) -> None:
        if isinstance(event, Began) and event.claim.key not in self.plan.by_fingerprint:
            self._read_plan()
        record = self.crew.hear(event)
        if record is not None:
            self.ended += 1
            self.say(self.board.ending(record))
        self._tell(event)
        if isinstance(event, Died):
            self._died(event)

    def _tell(self, event: Event) -> None:
        for line in self.board.hear(event, None):
            self.say(line)

    def _read_plan(self) -> None:
        """It grows while settings are searched, and while seeds are added."""
        written = self.shared.read_plan(self.name)
        assert written is not None, self.name
        self.plan = plan_from_data(written)
        self.shipper.go_by(self.plan)
        self.board = Board(self.plan, {}, self.board.slots)

    def _died(self, dead: Died) -> None:
        for claim in self.queue.look().held_by(dead.worker):
            run = self.plan.by_fingerprint.get(claim.key)
            if run is not None:
                self.crew.take_back(self.queue, run, claim, dead.reason)
                self._tell(TakenBack(dead.worker, claim.key, dead.reason))
        self.crew.bury(dead)

    def _why_over(self) -> str:
        """Empty as long as somebody leads the campaign."""
        now = time.monotonic()
        if now < self.next_look:
            return ""
        self.next_look = now + LOOK
        if self.name in self.shared.running():
            self.led = now
            return ""
        written = self.shared.read_plan(self.name)
        if written is None or written["over"] or campaign_of(written).id != self.part.campaign.id:
            return "it has ended"
        return "the command that led it is gone" if now - self.led >= UNLED else ""

    def _say_what_waits(self, waiting: int) -> None:
        self.say(f"{self.name}: {waiting} runs are still being shipped to MLflow")
