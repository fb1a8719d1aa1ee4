"""The plan: every arm, architecture and seed as a run with its fingerprint and its proved difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ablations import Arm, Spec
from ablations.arms import BASELINE
from ablations.difference import difference
from modules.data.facts import DataFacts, data_facts
from modules.fingerprint import fingerprint
from modules.recipe import Recipe


@dataclass(frozen=True)
class PlannedArm:
    """An arm on an architecture, compared with the baseline."""

    arm: Arm
    recipe: Recipe
    model: str
    """The architecture on which it is compared; an arm may have another one, as what it changes."""
    parameters: int
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """One arm, one architecture, one seed."""

    planned: PlannedArm
    seed: int
    fingerprint: str

    @property
    def recipe(self) -> Recipe:
        return self.planned.recipe

    @property
    def labels(self) -> dict[str, Any]:
        """What the run is called in tables and tags."""
        arm = self.planned.arm
        return {
            "arm": arm.name, "factor": arm.factor, "level": arm.level, "model": self.planned.model, "seed": self.seed,
        }  # fmt: skip

    @property
    def title(self) -> str:
        """As MLflow and the terminal show it: `dropout p=0.5 · seed 3`."""
        arm = self.planned.arm
        name = arm.name if arm.name == BASELINE or arm.level in arm.name else f"{arm.name} {arm.level}"
        return f"{name} · seed {self.seed}"


@dataclass(frozen=True)
class Plan:
    """What a spec comes to."""

    spec: Spec
    arms: tuple[PlannedArm, ...]

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Seed by seed, so that an interrupted ablation has compared all arms under the seeds it got to."""
        return tuple(
            Run(planned, seed, fingerprint(planned.recipe, seed)) for seed in self.spec.seeds for planned in self.arms
        )

    @cached_property
    def data(self) -> DataFacts:
        """What is known of the images."""
        return data_facts(self.spec.baseline.data)

    @cached_property
    def by_fingerprint(self) -> dict[str, Run]:
        return {run.fingerprint: run for run in self.runs}


def make_plan(spec: Spec) -> Plan:
    """Builds every arm's network and proves that it differs from the baseline's in what it declares.

    Raises NoEffect, Conflict, Undeclared or ValueError, naming the arm, where an arm cannot be.
    """
    return Plan(spec, tuple(_planned(arm, baseline, spec.seeds[0]) for arm, baseline in _cells(spec)))


def light_plan(spec: Spec, proofs: dict[tuple[str, str], tuple[int, tuple[str, ...]]]) -> Plan:
    """The plan without building a network: `proofs` holds (parameters, differs) by (arm, model) as found before."""
    arms = []
    for arm, baseline in _cells(spec):
        model = baseline.model.label
        arms.append(PlannedArm(arm, arm.recipe(baseline), model, *proofs.get((arm.name, model), (0, ()))))
    return Plan(spec, tuple(arms))


def _cells(spec: Spec) -> Iterable[tuple[Arm, Recipe]]:
    return ((arm, baseline) for baseline in spec.baselines for arm in spec.arms)


def _planned(arm: Arm, baseline: Recipe, seed: int) -> PlannedArm:
    from modules.build import recipe_anatomy

    try:
        recipe = arm.recipe(baseline)
        model, base = recipe_anatomy(recipe, seed), recipe_anatomy(baseline, seed)
        differs = difference(arm, recipe, baseline, model, base)
    except ValueError as error:
        raise type(error)(f"arm {arm.name!r} on {baseline.model.label}: {error}") from error
    return PlannedArm(arm, recipe, baseline.model.label, model.parameters, tuple(differs))


def plan_as_data(plan: Plan) -> dict[str, Any]:
    """The plan as JSON-able data: what workers, reports and other machines go by."""
    arms = [
        {"arm": one.arm.name, "model": one.model, "parameters": one.parameters, "differs": list(one.differs)}
        for one in plan.arms
    ]
    runs = [[run.planned.arm.name, run.planned.model, run.seed, run.fingerprint] for run in plan.runs]
    return {"spec": plan.spec.resolved(), "data": plan.data._asdict(), "arms": arms, "runs": runs}


def plan_from_data(data: dict[str, Any]) -> Plan:
    """The plan that `plan_as_data` wrote, without building a network; its fingerprints are those of then."""
    spec = Spec.model_validate(data["spec"])
    proofs = {(one["arm"], one["model"]): (one["parameters"], tuple(one["differs"])) for one in data["arms"]}
    plan = light_plan(spec, proofs)
    arms = {(planned.arm.name, planned.model): planned for planned in plan.arms}
    # Fills the caches, because today's code may give other fingerprints, and the images need not be here.
    plan.__dict__["data"] = DataFacts(**data["data"])
    plan.__dict__["runs"] = tuple(Run(arms[arm, model], seed, key) for arm, model, seed, key in data["runs"])
    return plan
