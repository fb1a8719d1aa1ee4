"""How long several ablations take that are carried out one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from runs.forecast import forecasts
from runs.home import Home
from runs.outlook import outlook
from runs.plan import Plan
from runs.records import Records
from runs.stages import Decide, as_recorded


def seconds_of_each(plans: Sequence[Plan], home: Home, slots: int, decide: Decide) -> list[float]:
    """Seconds that the missing runs of each plan take, so many at a time, with those that a rule may add."""
    records = Records(home)
    return [_seconds(plan, records, slots, decide if plan.spec.rule else None) for plan in plans]


def _seconds(plan: Plan, records: Records, slots: int, decide: Decide | None) -> float:
    found = outlook(as_recorded(plan, records, decide), records)
    return sum(forecasts([found.missing, found.later], found.done.values(), slots))
