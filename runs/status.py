"""How far an ablation is, from any machine: from its records, and from what those at work tell of themselves."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from runs.home import Home
from runs.plan import Cell, Plan, Run
from runs.presence import Presence
from runs.records import DONE, Records
from runs.shared import open_shared
from runs.tally import Attempt, Tally
from runs.trials import unasked_runs

Status = dict[str, Any]
"""How far an ablation is, as JSON-able data."""
STATES = ("finished", "diverged", "failed", "running", "missing")


def status(plan: Plan, home: Home) -> Status:
    """Counts of the planned runs by status, the failed ones with their reasons, who is at work, and the time left."""
    return Onlooker(home).look(plan)


class Onlooker:
    """Sees how far an ablation is, again and again, and takes no part in it."""

    def __init__(self, home: Home):
        if home.database:  # what other machines recorded is kept here, too
            home.prepare()
        self._shared, self._tally = open_shared(home), Tally(Records(home))

    def look(self, plan: Plan) -> Status:
        present = self._present(plan.spec.name)  # before the records: who has just put a run down has recorded it
        self._tally.renew(plan.by_fingerprint)
        return _Look(plan, present, self._tally).as_data()

    def _present(self, name: str) -> list[Presence]:
        """Nobody where no command leads, whatever a machine told before it was switched off."""
        present = self._shared.present(name)
        return present if present and name in self._shared.running() else []


class _Look:
    """What is seen at a moment."""

    def __init__(self, plan: Plan, present: list[Presence], tally: Tally):
        self.plan, self.present, self.tally = plan, present, tally
        self.epochs = {one.claim.key: one.epoch for one in present if one.claim}
        self.states = {key: self._state(key) for key in plan.by_fingerprint}
        self.unasked = unasked_runs(plan)
        self.rests = self._rests()

    def _state(self, key: str) -> str:
        found = self.tally.status(key)
        return "running" if key in self.epochs and found not in DONE else found or "missing"

    def _rests(self) -> dict[Cell, list[float]]:
        """Seconds that each run of an arm takes which has not ended; not a number where nothing is known of it."""
        rests: dict[Cell, list[float]] = defaultdict(list)
        for run in chain(self._open(), self.unasked):
            gone = self.epochs.get(run.fingerprint, 0) / run.recipe.trainer.epochs
            rests[run.planned.cell].append((self.tally.paces.seconds(run) or math.nan) * max(0.0, 1 - gone))
        return rests

    def _open(self) -> Iterator[Run]:
        runs = self.plan.by_fingerprint
        return (runs[key] for key, state in self.states.items() if state in ("running", "missing"))

    def as_data(self) -> Status:
        counts = Counter(self.states.values()) + Counter(missing=len(self.unasked))
        return {
            "name": self.plan.spec.name,
            "runs": counts.total(),
            **{state: counts[state] for state in STATES},
            "failures": [self._failure(key) for key, state in self.states.items() if state == "failed"],
            "lost": _counted(self.tally.lost(self.plan.by_fingerprint)),
            "workers": [self._worker(one) for one in self.present],
            "eta_seconds": self._eta(),
            "arms": list(self._arms()),
        }

    def _failure(self, key: str) -> dict[str, Any]:
        run, newest, first = self.plan.by_fingerprint[key], self.tally.newest(key), self.tally.first_failure(key)
        assert newest is not None and first is not None, key
        return {
            "run": newest.id, "arm": run.planned.arm.name, "seed": run.seed, "reason": newest.reason,
            "title": run.title, "first_reason": first.reason, "first_ended": first.ended,
        }  # fmt: skip

    def _worker(self, one: Presence) -> dict[str, Any]:
        run = self.plan.by_fingerprint.get(one.claim.key) if one.claim else None
        return {
            "worker": one.worker, "is_command": one.is_command, "member": one.member, "pid": one.pid,
            "device": one.device, "run": run and run.title, "epoch": one.epoch,
            "epochs": run and run.recipe.trainer.epochs, "done": one.done,
        }  # fmt: skip

    def _eta(self) -> float | None:
        """None where nobody is at work, or where it cannot be told yet."""
        rests = [*chain.from_iterable(self.rests.values())]
        workers = sum(not one.is_command for one in self.present)
        total = _known(rests)
        return None if not workers or total is None else round(max(total / workers, *rests, 0.0), 1)

    def _arms(self) -> Iterator[dict[str, Any]]:
        """Every arm, with the seconds of training that are left to one worker."""
        counts: dict[Cell, Counter[str]] = defaultdict(Counter)
        for key, run in self.plan.by_fingerprint.items():
            counts[run.planned.cell][self.states[key]] += 1
        for run in self.unasked:
            counts[run.planned.cell]["missing"] += 1
        for cell in (one.cell for one in self.plan.arms):
            told = {state: counts[cell][state] for state in STATES}
            left = _known(self.rests.get(cell, ()))
            yield {"arm": cell[0], "model": cell[1], "runs": counts[cell].total(), **told, "seconds_left": left}


def _known(seconds: Iterable[float]) -> float | None:
    """Their sum, where all of them are known."""
    total = math.fsum(seconds)
    return None if math.isnan(total) else round(total, 1)


def _counted(attempts: Iterable[Attempt]) -> list[dict[str, Any]]:
    """How many attempts were lost for each reason."""
    counts = Counter(one.reason for one in attempts)
    return [{"reason": reason, "attempts": count} for reason, count in counts.most_common()]
