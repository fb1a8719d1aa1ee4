"""The plan: every arm, architecture and seed as a run with its fingerprint and its proved difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ablations import Arm, Spec
from ablations.arms import BASELINE
from ablations.difference import difference
from ablations.edit import Edit
from ablations.factors import FACTORS
from modules.fingerprint import fingerprint
from modules.recipe import Recipe


@dataclass(frozen=True)
class Run:
    """One arm, one architecture, one seed."""

    arm: str
    factor: str
    level: str
    model: str
    seed: int
    recipe: Recipe
    fingerprint: str
    differs: tuple[str, ...]
    parameters: int

    @property
    def title(self) -> str:
        """As MLflow and the terminal show it: `dropout p=0.5 · seed 3`."""
        name = self.arm if self.level in self.arm else f"{self.arm} {self.level}"
        return f"{name} · seed {self.seed}" if self.arm != BASELINE else f"baseline · seed {self.seed}"


@dataclass(frozen=True)
class PlannedArm:
    """An arm on an architecture, compared with the baseline."""

    arm: Arm
    model: str
    recipe: Recipe
    parameters: int
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What a spec comes to."""

    spec: Spec
    arms: tuple[PlannedArm, ...]
    runs: tuple[Run, ...]

    @property
    def fingerprints(self) -> tuple[str, ...]:
        return tuple(run.fingerprint for run in self.runs)


def make_plan(spec: Spec) -> Plan:
    """Builds every arm's network, proves that it differs from the baseline's in what it declares, names every run.

    Raises NoEffect, Conflict, Undeclared or ValueError, naming the arm, where an arm cannot be.
    """
    arms = tuple(_planned(arm, baseline, spec.seeds[0]) for baseline in spec.baselines for arm in spec.arms)
    return Plan(spec, arms, tuple(_runs(arms, spec.seeds)))


def _planned(arm: Arm, baseline: Recipe, seed: int) -> PlannedArm:
    from modules.build import anatomy, build

    try:
        recipe = arm.recipe(baseline)
        model, base = anatomy(build(recipe, seed)), anatomy(build(baseline, seed))
        differs = difference(arm, recipe, baseline, model, base)
    except ValueError as error:
        raise type(error)(f"arm {arm.name!r} on {baseline.model.name}: {error}") from error
    return PlannedArm(arm, baseline.model.name, recipe, model.parameters, tuple(differs))


def _runs(arms: Iterable[PlannedArm], seeds: Iterable[int]) -> Iterable[Run]:
    """Seed by seed, so that an interrupted ablation has compared all arms under the seeds it got to."""
    arms = tuple(arms)
    for seed in seeds:
        for one in arms:
            yield Run(
                one.arm.name, one.arm.factor, one.arm.level, one.model, seed, one.recipe,
                fingerprint(one.recipe, seed), one.differs, one.parameters,
            )  # fmt: skip


def run_as_data(run: Run) -> dict[str, Any]:
    """A run as JSON-able data, enough to train it again."""
    surgeries = {surgery.factor: surgery.model_dump(mode="json") for surgery in run.recipe.model.surgeries}
    return asdict(run) | {"recipe": run.recipe.model_dump(mode="json"), "surgeries": surgeries}


def recipe_from_data(data: dict[str, Any]) -> Recipe:
    """The recipe of a run that `run_as_data` wrote down."""
    recipe = Recipe.model_validate_json(_json(data["recipe"]))
    edits: list[Edit] = [FACTORS[name].model_validate(settings) for name, settings in data["surgeries"].items()]
    for edit in edits:
        recipe = edit.apply(recipe)
    return recipe


def _json(tree: Any) -> str:
    import json

    return json.dumps(tree)
