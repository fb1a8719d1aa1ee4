"""What a plan comes to before anything is run: how many runs, which are done, which may follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ablations.seeds import Looks
from runs.plan import Plan, PlannedArm, Run
from runs.records import Record, Records
from runs.stages import to_the_end
from runs.trials import searched_cells, unasked_runs


@dataclass(frozen=True)
class Outlook:
    """The runs of a plan, by what is known of them."""

    plan: Plan
    done: dict[str, Record]
    """By fingerprint, as far as the plan goes."""
    missing: list[Run]
    later: list[Run]
    """Those that may be added by the rule of the spec and are not recorded yet."""
    most: int
    """All runs, with all that may be added."""

    @property
    def runs(self) -> int:
        return len(self.done) + len(self.missing)


def outlook(plan: Plan, records: Records) -> Outlook:
    """Looks up which runs of the plan are recorded; nothing is trained."""
    done = records.done(plan.by_fingerprint)
    missing = [run for key, run in plan.by_fingerprint.items() if key not in done] + unasked_runs(plan)
    added = _added(plan) if missing else []  # else the plan has come to its end
    recorded = records.done({run.fingerprint: run for run in added})
    later = [run for run in added if run.fingerprint not in recorded]
    return Outlook(plan, done, missing, later, len(done) + len(missing) + len(added))


def _added(plan: Plan) -> list[Run]:
    end = to_the_end(plan)
    if plan.searching:
        return unasked_runs(end)[len(unasked_runs(plan)) :]
    return [run for key, run in end.by_fingerprint.items() if key not in plan.by_fingerprint]


def as_data(found: Outlook) -> dict[str, Any]:
    """The outlook as JSON-able data."""
    plan = found.plan
    known = {
        "name": plan.spec.name,
        "runs": found.runs,
        "done": len(found.done),
        "arms": [_arm(one) for one in plan.arms],
    }
    return {**known, **_search(plan), **_rule(found)}


def _arm(one: PlannedArm) -> dict[str, Any]:
    return {
        "arm": one.arm.name, "factor": one.arm.factor, "level": one.arm.level, "model": one.model,
        "parameters": one.parameters, "differs": list(one.differs),
    }  # fmt: skip


def _search(plan: Plan) -> dict[str, Any]:
    """The budget of a search, where there is one."""
    tune = plan.spec.tune
    if tune is None:
        return {}
    settings, seeds, searches = list(tune.search), list(tune.seeds), len(searched_cells(plan))
    return {"search": {"settings": settings, "trials": tune.trials, "seeds": seeds, "searches": searches}}


def _rule(found: Outlook) -> dict[str, Any]:
    """How seeds are added, where they are."""
    spec = found.plan.spec
    if spec.rule is None:
        return {}
    if isinstance(spec.rule, Looks):
        return {"most_runs": found.most, "looks": list(spec.rule.looks)}
    stein = spec.rule.model_dump(mode="json")
    return {"most_runs": found.most, "stein": {**stein, "half_width": stein["half_width"] or spec.margin}}
