"""Results: what is recorded of each planned run, as the tracker holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from runs.carrier import as_planned, in_short
from runs.checking import CheckRecord, named_checks, recorded_checks
from runs.home import Home
from runs.lock import Busy
from runs.plan import Plan
from runs.records import Record, Records
from runs.reviewing import Note
from runs.shared import Shared, open_shared

if TYPE_CHECKING:
    from runs.tracking import Tracked, Tracker


class Results(NamedTuple):
    """The newest record of every run that has one, by fingerprint, each with its `run_id` in MLflow."""

    records: dict[str, Record]
    checks: Mapping[str, CheckRecord] = MappingProxyType({})
    """What came of the exact facts that claims name."""
    trouble: str | None = None
    """Why the tracker could not be asked; the records are then those on this machine."""


def collect(plan: Plan, home: Home) -> Results:
    """Ships what waits in the spool, then reads what the tracker holds, so that its UI and a table cannot differ."""
    local = {
        key: as_planned(record, plan.by_fingerprint[key], plan.spec.name)
        for key, record in Records(home).newest(plan.by_fingerprint).items()
    }
    spooled = {key: {**record, "run_id": record["id"]} for key, record in local.items()}
    checks = recorded_checks(named_checks(plan.spec.claims), home)
    try:
        return Results(spooled | _tracked(plan, home, local), checks)
    except Exception as error:  # whatever ails the tracker, what is recorded here can be reported
        return Results(spooled, checks, in_short(error))


def publish(name: str, home: Home, note: Note, report: Path) -> str | None:
    """Puts an ablation's answer and report into the tracker; returns why that did not work, where it did not."""
    from runs.tracking import open_tracker

    shared = open_shared(home)
    written = shared.read_plan(name) or {"arms": []}
    cells = {(one["arm"], one["model"]) for one in written["arms"]}
    try:
        open_tracker(home, shared, name).publish(note, report, cells)
    except Exception as error:
        return in_short(error)
    return None


def _tracked(plan: Plan, home: Home, local: dict[str, Record]) -> dict[str, Record]:
    from runs.tracking import open_tracker

    shared = open_shared(home)
    tracker = open_tracker(home, shared, plan.spec.name)
    return {
        key: as_planned(_merged(local.get(key), held, tracker), plan.by_fingerprint[key], plan.spec.name)
        for key, held in _newest(_shipped(tracker, plan.spec.name, shared, local.values())).items()
        if key in plan.by_fingerprint
    }


def _shipped(tracker: Tracker, name: str, shared: Shared, local: Iterable[Record]) -> Iterable[Tracked]:
    """What the tracker holds, once it was handed what nobody at work will hand to it."""
    at_work = {one.worker for one in shared.present(name)}
    try:
        with shared.alone(name, "shipping"):
            held = tracker.read()
            left = (tracker.ship(record) for record in local if record.get("member") not in at_work)
            return [*held.values(), *(one for one in left if one is not None)]
    except Busy:
        return tracker.read().values()


def _newest(tracked: Iterable[Tracked]) -> dict[str, Tracked]:
    """The newest attempt of each run, by fingerprint."""
    oldest_first = sorted(tracked, key=lambda one: int(one.record_id.partition(".")[2]))
    return {one.record_id.partition(".")[0]: one for one in oldest_first}


def _merged(local: Record | None, held: Tracked, tracker: Tracker) -> Record:
    """The record kept here or, where another machine wrote it, that among the artifacts; the numbers are MLflow's."""
    record = local if local is not None and local["id"] == held.record_id else tracker.record(held.run_id)
    return {**record, "run_id": held.run_id, "metrics": held.scalars}
