"""The plan as it is written down: what workers, reports and other machines go by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ablations import Arm, Spec
from ablations.space import leveled, tuned_recipe
from modules.data.facts import DataFacts
from modules.recipe import Recipe
from runs.plan import Cell, Plan, PlannedArm, Proof, Run, Trial, cells, first_counts, planned_trial


def light_plan(spec: Spec, proofs: Mapping[Cell, Proof], trials: tuple[Trial, ...] = ()) -> Plan:
    """The plan without building a network, by what was found before."""
    arms = []
    for arm, plain in cells(spec):
        proof = proofs.get((arm.name, plain.model.label), Proof())
        settings = dict(proof.settings)
        recipe = tuned_recipe(arm, plain, settings)
        arms.append(PlannedArm(leveled(arm, settings), recipe, plain.model.label, *proof))
    return Plan(spec, tuple(arms), trials, counts=first_counts(spec, arms))


def plan_as_data(plan: Plan) -> dict[str, Any]:
    """The plan as JSON-able data."""
    return {
        "spec": plan.spec.resolved(),
        "data": plan.data._asdict(),
        "arms": [_arm_as_data(one) for one in plan.arms],
        "runs": [[*run.planned.cell, run.seed, run.fingerprint] for run in plan.runs],
        "trials": [_trial_as_data(trial) for trial in plan.trials],
        "searching": plan.searching,
        "counts": None if plan.counts is None else [[*cell, count] for cell, count in plan.counts.items()],
    }


def plan_from_data(data: dict[str, Any]) -> Plan:
    """The plan that `plan_as_data` wrote, without building a network; its fingerprints are those of then."""
    spec = Spec.model_validate(data["spec"])
    light = light_plan(spec, {(one["arm"], one["model"]): _proof(one) for one in data["arms"]})
    found = {(arm.name, plain.model.label): (arm, plain) for arm, plain in cells(spec)}
    trials = tuple(_trial(one, *found[one["arm"], one["model"]]) for one in data.get("trials", ()))
    plan = Plan(spec, light.arms, trials, data.get("searching", False), _counts(data.get("counts")))
    arms = {planned.cell: planned for planned in plan.arms}
    # Fills the caches, because today's code may give other fingerprints, and the images need not be here.
    plan.__dict__["data"] = DataFacts(**data["data"])
    plan.__dict__["runs"] = tuple(Run(arms[arm, model], seed, key) for arm, model, seed, key in data["runs"])
    return plan


def _arm_as_data(planned: PlannedArm) -> dict[str, Any]:
    arm, model = planned.cell
    differs, settings = list(planned.differs), _pairs(planned)
    return {"arm": arm, "model": model, "parameters": planned.parameters, "differs": differs, "settings": settings}


def _proof(data: dict[str, Any]) -> Proof:
    return Proof(data["parameters"], tuple(data["differs"]), tuple(map(tuple, data.get("settings", ()))))


def _counts(data: list[Any] | None) -> dict[Cell, int] | None:
    return None if data is None else {(arm, model): count for arm, model, count in data}


def _trial_as_data(trial: Trial) -> dict[str, Any]:
    arm, model = trial.planned.cell
    runs = [[run.seed, run.fingerprint] for run in trial.runs]
    return {
        "arm": arm, "model": model, "number": trial.planned.trial, "settings": _pairs(trial.planned),
        "epochs": trial.planned.recipe.trainer.epochs, "runs": runs,
    }  # fmt: skip


def _trial(data: dict[str, Any], arm: Arm, plain: Recipe) -> Trial:
    planned = planned_trial(arm, plain, data["number"], dict(data["settings"]), data["epochs"])
    return Trial(planned, tuple(Run(planned, seed, key) for seed, key in data["runs"]))


def _pairs(planned: PlannedArm) -> list[list[Any]]:
    """Not a mapping: the order is part of it."""
    return [list(pair) for pair in planned.settings]
