"""What there is to see of a plan before it is run, and of how it ended."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ablations import Arm
from ablations.spec_view import seeds_in_words
from ablations.views import Cell, Column, View

if TYPE_CHECKING:
    from runs.execute import Summary
    from runs.plan import Plan, PlannedArm

MORE = (Column("Parameters", numeric=True), Column("Differs from the baseline in"))
NAMED = 10
"""Missing runs that are named; the others are counted."""
NOTE = "What an arm differs in was found by building its network; a difference not declared stops the plan."


def plan_view(plan: Plan) -> View:
    """The number of runs, and every arm with its proved difference."""
    from runs.trials import expected_runs

    several = len(plan.spec.baselines) > 1
    about, searched = ("about ", ", the search among them") if plan.spec.tune else ("", "")
    runs = f"{len(plan.arms)} arms, {seeds_in_words(plan.spec)}: {about}{expected_runs(plan)} runs{searched}."
    columns = (Column("Arm"), *([Column("Model")] if several else []), *MORE)
    rows = tuple(_row(one, several) for one in plan.arms)
    return View(plan.spec.name, (runs,), columns=columns, rows=rows, note=NOTE)


def _row(one: PlannedArm, several: bool) -> tuple[Cell, ...]:
    differs = "; ".join(one.differs) or _itself(one.arm)
    texts = (one.arm.name, *([one.model] if several else []), f"{one.parameters:,}", differs)
    return tuple(map(Cell, texts))


def _itself(arm: Arm) -> str:
    """What the baseline arm differs in."""
    carried = f", with {', '.join(edit.factor for edit in arm.edits)}" if arm.edits else ""
    return f"(the baseline itself{carried})"


def summary_view(summary: Summary) -> View:
    """How many runs ended in which way, why some failed, and which are missing."""
    missing, records = set(summary.missing), {**summary.done, **summary.failed}
    counts = Counter(record["status"] for key, record in records.items() if key not in missing)
    counts["missing"] = len(missing)
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    total = counts.total()
    waiting = f" {summary.unshipped} not in MLflow yet: running or reporting again tries once more."
    sentences = (f"{total} run{'s' * (total != 1)}: {told}.{waiting if summary.unshipped else ''}",)
    failures = tuple(f"{one['run_name']} failed: {one['reason']}" for one in summary.failed.values())
    failures += tuple(f"check {name} failed: {reason}" for name, reason in summary.failed_checks.items())
    lacking = (f"missing: {missing_in_words(summary)}",) if missing else ()
    return View(summary.plan.spec.name, sentences, warnings=(*failures, *lacking))


def missing_in_words(summary: Summary) -> str:
    """The planned runs that came to nothing, by name."""
    titles = [summary.plan.by_fingerprint[key].title for key in dict.fromkeys(summary.missing)]
    more = f" and {len(titles) - NAMED} more" if len(titles) > NAMED else ""
    return f"{', '.join(titles[:NAMED])}{more}"
