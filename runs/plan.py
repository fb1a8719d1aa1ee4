"""The plan: every arm, architecture and seed as a run with its fingerprint and its proved difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ablations import Arm, Spec
from ablations.arms import BASELINE
from ablations.difference import tuned_difference
from ablations.edit import update
from ablations.space import Settings, leveled, own_settings, tuned_recipe
from ablations.views import View, Viewed
from modules.data.facts import DataFacts, data_facts
from modules.fingerprint import fingerprints
from modules.recipe import Recipe
from modules.tasks import TASKS

if TYPE_CHECKING:
    from modules.build import Anatomy

Cell = tuple[str, str]
"""An arm's name, and the architecture on which it is compared."""


class Proof(NamedTuple):
    """What is known of a planned arm once its network was built."""

    parameters: int = 0
    differs: tuple[str, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()
    """What a search chose for it, where there was one."""


@dataclass(frozen=True)
class PlannedArm:
    """An arm on an architecture, compared with the baseline."""

    arm: Arm
    recipe: Recipe
    model: str
    """The architecture on which it is compared; an arm may have another one, as what it changes."""
    parameters: int
    differs: tuple[str, ...]
    settings: tuple[tuple[str, Any], ...] = ()
    """What a search chose for it or, in a trial, what is tried."""
    trial: int | None = None
    """Which trial of a search it is; None where it is reported."""

    @property
    def cell(self) -> Cell:
        return (self.arm.name, self.model)

    @property
    def proof(self) -> Proof:
        return Proof(self.parameters, self.differs, self.settings)

    @property
    def title(self) -> str:
        if self.trial is not None:
            return f"{self.arm.name} · search {self.trial}"
        return self.arm.name if self.settings else self.arm.title  # a name may tell the setting that was tuned away


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
            "purpose": "report" if self.planned.trial is None else "search",
        }  # fmt: skip

    @property
    def title(self) -> str:
        """As MLflow and the terminal show it: `dropout p=0.5 · seed 3`, `dropout · search 3 · seed 1000000`."""
        return f"{self.planned.title} · seed {self.seed}"


class Trial(NamedTuple):
    """Settings of an arm that a search tried, at one length of training, under each of its seeds."""

    planned: PlannedArm
    runs: tuple[Run, ...]


@dataclass(frozen=True, repr=False)
class Plan(Viewed):
    """What a spec comes to."""

    spec: Spec
    arms: tuple[PlannedArm, ...]
    trials: tuple[Trial, ...] = ()
    """What was searched so far, in the order of asking."""
    searching: bool = False
    """Whether the settings of the arms are still searched, so that none of them can be run yet."""
    counts: Mapping[Cell, int] | None = None
    """How many of the seeds each arm has so far, where a rule adds them; None where every arm has all."""

    def seeds(self, cell: Cell) -> tuple[int, ...]:
        """Those that an arm has so far."""
        return self.spec.seeds if self.counts is None else self.spec.seeds[: self.counts[cell]]

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Seed by seed, so that an interrupted ablation has compared all arms under the seeds it got to."""
        if self.searching:
            return ()
        names = {planned.cell: fingerprints(planned.recipe, self.seeds(planned.cell)) for planned in self.arms}
        return tuple(
            Run(planned, seed, names[planned.cell][seed])
            for seed in self.spec.seeds
            for planned in self.arms
            if seed in names[planned.cell]
        )

    @property
    def view(self) -> View:
        from runs.views import plan_view

        return plan_view(self)

    @cached_property
    def data(self) -> DataFacts:
        """What is known of the images."""
        return data_facts(self.spec.baseline.data)

    @property
    def score(self) -> str:
        """What the score of its task is called."""
        return TASKS[self.data.task].score

    @property
    def curve(self) -> str:
        """What its learning curves show."""
        return TASKS[self.data.task].curve

    @cached_property
    def by_fingerprint(self) -> dict[str, Run]:
        """Runs of the search and runs that are reported."""
        searched = (run for trial in self.trials for run in trial.runs)
        return {run.fingerprint: run for run in (*searched, *self.runs)}


def make_plan(spec: Spec, chosen: Mapping[Cell, Settings] | None = None) -> Plan:
    """Builds every arm's network and proves that it differs from the baseline arm's in what is declared.

    `chosen` are the settings that a search found; without them, the plan of a spec that asks for a search is one
    that is `searching`. Raises NoEffect, Conflict, Undeclared or ValueError, naming the arm, where an arm cannot be.
    """
    from modules.build import recipe_anatomy

    take_stock = cache(lambda recipe: recipe_anatomy(recipe, spec.seeds[0]))
    arms = tuple(_planned(arm, plain, chosen or {}, take_stock) for arm, plain in cells(spec))
    searching = spec.tune is not None and chosen is None
    return Plan(spec, arms, searching=searching, counts=first_counts(spec, arms))


def first_counts(spec: Spec, arms: Iterable[PlannedArm]) -> Mapping[Cell, int] | None:
    """The seeds of every arm before anything is known, where a rule adds more."""
    return None if spec.rule is None else {planned.cell: spec.rule.first for planned in arms}


def cells(spec: Spec) -> Iterable[tuple[Arm, Recipe]]:
    """Every arm, with the plain recipe on every architecture."""
    return ((arm, plain) for plain in spec.baselines for arm in spec.arms)


def _planned(
    arm: Arm, plain: Recipe, chosen: Mapping[Cell, Settings], take_stock: Callable[[Recipe], Anatomy]
) -> PlannedArm:
    model = plain.model.label
    settings = chosen.get((arm.name, model), {})
    own = leveled(arm, settings)
    try:
        recipe = tuned_recipe(arm, plain, settings)
        baseline = tuned_recipe(Arm(BASELINE, arm.reference), plain, chosen.get((BASELINE, model), {}))
        differs = tuned_difference(own, plain, recipe, baseline, settings, take_stock)
    except ValueError as error:
        raise type(error)(f"arm {arm.name!r} on {model}: {error}") from error
    parameters = take_stock(recipe).parameters
    return PlannedArm(own, recipe, model, parameters, tuple(differs), tuple(settings.items()))


def make_trial(arm: Arm, plain: Recipe, seeds: Iterable[int], number: int, settings: Settings, epochs: int) -> Trial:
    """An arm with settings to try, for so many epochs; raises ValueError where it cannot have them."""
    planned = planned_trial(arm, plain, number, settings, epochs)
    return Trial(planned, tuple(Run(planned, seed, key) for seed, key in fingerprints(planned.recipe, seeds).items()))


def planned_trial(arm: Arm, plain: Recipe, number: int, settings: Settings, epochs: int) -> PlannedArm:
    """The same without its runs."""
    recipe = update(tuned_recipe(arm, plain, settings), "trainer", epochs=epochs)
    own = own_settings(arm, plain)
    moved = tuple(f"{key}: {own[key]} -> {value}" for key, value in settings.items() if value != own[key])
    pairs = tuple(settings.items())
    return PlannedArm(leveled(arm, settings), recipe, plain.model.label, 0, moved, pairs, number)
