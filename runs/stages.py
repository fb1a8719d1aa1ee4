"""Seeds in stages: after each, a rule tells from the records alone which arms get more of them.

How it goes on depends on nothing else, so doing it again walks the same way, and what was trained already is not
trained again. A run that failed has used up its seed: no other takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ablations.arms import BASELINE, SHAM
from ablations.seeds import Looks
from runs.plan import Cell, Plan, PlannedArm, Run, first_counts
from runs.records import Record, Records
from runs.search import so_far

Decide = Callable[[Plan, Mapping[str, Record]], Mapping[Cell, int]]
"""Given the plan carried out so far and its records by fingerprint: how many seeds each arm is to have in all. Arms
that are to stop may be left out."""


def work_in_stages(
    plan: Plan, records: Records, decide: Decide | None, work_off: Callable[[Plan, Iterable[Run]], bool]
) -> None:
    """Has the runs of every stage trained, until nothing more is asked for; all at once where there is no rule."""
    done: Plan | None = None
    while (stage := as_recorded(plan, records, decide)) != done and work_off(stage, stage.by_fingerprint.values()):
        done = stage


def as_recorded(plan: Plan, records: Records, decide: Decide | None) -> Plan:
    """The plan as far as its records reach: its search, then stage after stage; nothing is trained."""
    plan = so_far(plan, records)
    if plan.counts is None or plan.searching:
        return plan
    if decide is None:
        raise ValueError(f"{plan.spec.name} adds seeds by a rule; say who goes by it, with decide=reports.more_seeds")
    plan = replace(plan, counts=first_counts(plan.spec, plan.arms))
    while not _is_last(plan):
        newest = records.newest(wanted := {run.fingerprint for run in plan.runs})
        if newest.keys() != wanted or (counts := grown(plan, decide(plan, newest))) == plan.counts:
            break
        plan = replace(plan, counts=counts)
    return plan


def grown(plan: Plan, asked: Mapping[Cell, int]) -> dict[Cell, int]:
    """The seeds of every arm in the next stage: never fewer than it has. The baseline and the sham of an architecture
    have as many as any arm on it, since that is compared with them."""
    assert plan.counts is not None, plan.spec.name
    most = len(plan.spec.seeds)
    counts = {cell: max(count, min(asked.get(cell, 0), most)) for cell, count in plan.counts.items()}
    tested = {one.cell: counts[one.cell] for one in plan.arms if is_tested(one)}
    return {cell: tested.get(cell, _highest(tested, cell[1], plan.counts[cell])) for cell in counts}


def is_tested(planned: PlannedArm) -> bool:
    """Whether an arm is neither the baseline nor the sham, which are there for the others."""
    return planned.arm.name not in (BASELINE, SHAM)


def _highest(tested: Mapping[Cell, int], model: str, least: int) -> int:
    return max((count for (_, other), count in tested.items() if other == model), default=least)


def to_the_end(plan: Plan) -> Plan:
    """The plan in which every arm that still goes on has all seeds that it may come to have."""
    if plan.counts is None or _is_last(plan):
        return plan
    highest, most = max(plan.counts.values()), len(plan.spec.seeds)
    return replace(plan, counts={cell: most if count == highest else count for cell, count in plan.counts.items()})


def reached(plan: Plan) -> str:
    """How far the rule has got, as `look 2 of 3: 7 arms go on`; nothing where there is none."""
    rule = plan.spec.rule
    if plan.counts is None or rule is None:
        return ""
    stage = _stage(plan)
    noun = "look" if isinstance(rule, Looks) else "stage"
    return f"{noun} {stage} of {len(rule.steps)}: {_going(plan, stage)}"


def _going(plan: Plan, stage: int) -> str:
    assert plan.counts is not None and plan.spec.rule is not None
    steps = plan.spec.rule.steps
    if stage == 1:
        return f"all arms, {steps[0]} seeds each"
    going = sum(plan.counts[one.cell] > steps[stage - 2] for one in plan.arms if is_tested(one))
    return "1 arm goes on" if going == 1 else f"{going} arms go on"


def _is_last(plan: Plan) -> bool:
    """Whether a plan with counts is in its last stage: Stein's second comes whatever was found in it."""
    assert plan.spec.rule is not None
    return _stage(plan) == len(plan.spec.rule.steps)


def _stage(plan: Plan) -> int:
    """Which stage a plan with counts is in, the first being 1."""
    assert plan.counts is not None and plan.spec.rule is not None
    return 1 + sum(max(plan.counts.values()) > step for step in plan.spec.rule.steps[:-1])
