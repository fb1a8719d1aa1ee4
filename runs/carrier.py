"""What takes records and live curves to MLflow, which may be slow, full or down without anything being lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from modules.names import in_a_line
from runs.campaign import Part
from runs.events import Claim
from runs.home import Home
from runs.lock import Busy
from runs.plan import Plan, Run
from runs.presence import Presence
from runs.records import LOST, Record, Records, told

if TYPE_CHECKING:
    from runs.tracking import Tracker

EVERY = 3.0
"""Seconds between two times that live curves are shown, so that those of long runs move while they are watched."""
PATIENCE = 15.0
"""Seconds after which a tracker that failed is tried again."""
LONGEST_TROUBLE = 300
"""Characters: what a database complains of has its whole statement in it."""


class Spooled(NamedTuple):
    """A record that waits here, or that somebody may have shipped."""

    id: str
    fingerprint: str
    member: str | None
    """The command under which it was trained."""


class Carrier:
    """Ships one thing at a time; keeps what the tracker would not take and tries again later.

    Of what waits it keeps the names alone, so that it may be far behind.
    """

    def __init__(self, plan: Plan, home: Home, part: Part):
        self.plan = plan
        self.trouble: str | None = None
        """Why the tracker would not take the last thing it was given."""
        self._home, self._part, self._records = home, part, Records(home)
        self._tracker: Tracker | None = None
        self._due: dict[str, Spooled] = {}
        self._unsure: dict[str, Spooled] = {}
        self._live: dict[str, _LiveRun] = {}
        self._turn: ExitStack | None = None
        self._next = 0.0

    @property
    def waiting(self) -> int:
        """Records that the tracker has not taken yet, as far as is known."""
        return len(self._due) + len(self._unsure)

    @property
    def is_behind(self) -> bool:
        return bool(self._due)

    @property
    def rest(self) -> float:
        """Seconds until there is something to do."""
        return 0.0 if self._due and self.trouble is None else max(0.0, self._next - time.monotonic())

    def catch_up(self, spooled: Iterable[Spooled]) -> None:
        """To ship those that the tracker does not have: the spool of an interrupted ablation, runs shared with others.

        Those of a command that is still at work are left to it, until it has shipped them or is gone.
        """
        self._unsure |= {one.id: one for one in spooled if one.id not in self._due}

    def began(self, claim: Claim) -> None:
        self._live[claim.key] = _LiveRun(claim.attempt, time.time())

    def point(self, key: str, epoch: int, measures: dict[str, float]) -> None:
        if key in self._live and measures:  # members of an ensemble are heard of without any
            self._live[key].points.append((epoch, measures))

    def ship(self, spooled: Spooled) -> None:
        """To ship a record, which has the points of its curves that were not shown."""
        self._unsure.pop(spooled.id, None)
        self._due[spooled.id] = spooled
        if live := self._live.get(spooled.fingerprint):
            live.points.clear()

    def step(self) -> None:
        """Ships a record; every few seconds, live curves come first."""
        now_and_then = time.monotonic() >= self._next
        if self.trouble is not None and not now_and_then:
            return
        self._try(self._connect, *([self._sort_out, self._show_live] if now_and_then else []), self._ship_next)
        if now_and_then or self.trouble is not None:
            self._next = time.monotonic() + (EVERY if self.trouble is None else PATIENCE)

    def hurry(self) -> None:
        """The next step waits for nothing."""
        self._next = 0.0

    def finish(self, complete: bool) -> None:
        """Runs that are shown as running although they are not become KILLED; closes the parent run."""
        self._end_turn()
        self._try(self._connect, lambda: self._finish(complete))

    def _connect(self) -> None:
        """Takes seconds the first time: the database has to be made."""
        if self._tracker is None:
            from runs.tracking import open_tracker

            self._tracker = open_tracker(self._home, self._part.shared, self.plan.spec.name)
            self._tracker.reconcile(self._at_work(), self._is_left)
            if self._part.leads:
                self._tracker.describe(self.plan, self._part.campaign)

    def _sort_out(self) -> None:
        """Of the records that somebody may have shipped, those that nobody has become due, one command's at a time."""
        assert self._tracker is not None
        self._tracker.shipped.refresh()
        others = {one.worker for one in self._present()} - {self._part.me.worker}
        unseen = {key: one for key, one in self._unsure.items() if key not in self._tracker.shipped}
        theirs = {key: one for key, one in unseen.items() if one.member in others}
        left = {key: one for key, one in unseen.items() if key not in theirs and key not in self._due}
        if left:
            if not self._has_turn():
                return
            self._tracker.look_up(left)
        self._due |= {key: one for key, one in left.items() if key not in self._tracker.shipped}
        self._unsure = theirs  # one that was killed a moment ago counts as at work for a while

    def _has_turn(self) -> bool:
        """Whether this command, and no other, ships what was left behind."""
        if self._turn is None:
            turn = ExitStack()
            try:
                turn.enter_context(self._part.shared.alone(self._part.name, "shipping"))
            except Busy:
                return False
            self._turn = turn
        return True

    def _end_turn(self) -> None:
        if self._turn is not None:
            self._turn.close()
            self._turn = None

    def _ship_next(self) -> None:
        if not self._due:
            self._end_turn()
            return
        spooled = self._due.pop(next(iter(self._due)))
        try:
            self._ship(spooled)
        except Exception:
            self._unsure[spooled.id] = spooled  # it may be there all the same, or be what the tracker refuses
            raise

    def _ship(self, spooled: Spooled) -> None:
        run, record = self.plan.by_fingerprint.get(spooled.fingerprint), self._records.get(spooled.id)
        if run is None or record is None:  # of a stage that others are at, which is caught up with when it is here
            return
        assert self._tracker is not None
        live = self._live.get(spooled.fingerprint)
        self._tracker.ship(
            as_planned(record, run, self.plan.spec.name), live.run_id if live else None, live.shown if live else 0
        )
        self._live.pop(spooled.fingerprint, None)

    def _show_live(self) -> None:
        """Runs that take long enough to be watched get a child run before they end."""
        for key, live in self._live.items():
            run = self.plan.by_fingerprint.get(key)
            if self._tracker is not None and run and live.points and time.time() - live.started >= EVERY:
                live.run_id = live.run_id or self._tracker.begin(run, live.attempt, live.started)
                self._tracker.show(live.run_id, live.points)
                live.shown, live.points = live.points[-1][0], []

    def _finish(self, complete: bool) -> None:
        assert self._tracker is not None
        self._tracker.reconcile(self._at_work(), self._is_left)
        if self._part.leads:  # to others it is not known whether all has ended
            self._tracker.finish(complete)

    def _at_work(self) -> set[str]:
        """The records that somebody's runs are about to leave."""
        return {one.claim.id for one in self._present() if one.claim}

    def _is_left(self, record_id: str) -> bool:
        """Whether a run left a record that somebody will ship."""
        record = self._records.get(record_id)
        return record is not None and record["status"] != LOST

    def _present(self) -> list[Presence]:
        return self._part.shared.present(self._part.name)

    def _try(self, *steps: Callable[[], None]) -> None:
        """The tracker is a library and a database of which anything may fail; the spool has it all."""
        try:
            for step in steps:
                step()
            self.trouble = None
        except Exception as error:
            self.trouble = in_short(error)


class _LiveRun:
    def __init__(self, attempt: int, started: float):
        self.attempt, self.started = attempt, started
        self.points: list[tuple[int, dict[str, float]]] = []
        self.run_id: str | None = None
        self.shown = 0


def in_short(error: Exception) -> str:
    """What ails the tracker, in a line."""
    return in_a_line(error)[:LONGEST_TROUBLE]


def as_planned(record: Record, run: Run, ablation: str) -> Record:
    """The record under the names that this plan gives it; one that another ablation trained says so."""
    reused = {"reused_from": record["ablation"]} if record["ablation"] != ablation else {}
    return {**record, **told(run), **reused}
