"""The search of settings for every arm: asked one after the other in an arm, side by side in all of them.

How it goes on depends on nothing but what is recorded, so doing it again walks the same way, and what was trained
already is not trained again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import NamedTuple

from ablations import Arm
from ablations.space import Settings, own_settings, space_of
from ablations.tune import Space, Tune
from modules.recipe import Recipe
from runs.plan import Cell, Plan, Run, Trial, cells, make_plan, make_trial
from runs.queue import Searcher
from runs.records import Records
from runs.trials import WORST, chosen_settings, findings, trial_value


class Asked(NamedTuple):
    """What a search wants to know the value of."""

    number: int
    settings: Settings
    epochs: int


Walk = Generator[Asked, float, None]
"""The search of one arm: it yields what it asks for, and is sent the value of each."""


def walk(name: str, own: Settings, space: dict[str, Space], tune: Tune, epochs: int) -> Walk:
    """Asks for an arm's own settings, then for those that the sampler likes; longer ones as the pruner lets it."""
    searcher = Searcher(name, space, tune)
    searcher.learn(own, (yield Asked(0, own, epochs)))
    for number in range(1, tune.trials):
        settings = searcher.ask()
        value: float | None = None
        for rung, length in enumerate(tune.rungs(settings.get("trainer.epochs", epochs))):
            value = yield Asked(number, settings, length)
            if not searcher.goes_on(value, rung) and length < epochs:
                value = None
                break
        searcher.tell(value)


class Search:
    """The searches of all arms. `plan` has what they asked for so far."""

    def __init__(self, plan: Plan, records: Records):
        assert plan.searching, plan.spec.name
        assert plan.spec.tune is not None
        self.plan, self.records, self._tune = replace(plan, trials=()), records, plan.spec.tune
        self._walks: dict[Cell, tuple[Walk, Arm, Recipe]] = {}
        self._pending: dict[Cell, Trial] = {}
        for arm, plain in cells(plan.spec):
            self._begin(arm, plain)
        self.advance()

    @property
    def missing(self) -> list[Run]:
        """What has to be trained before any search can go on."""
        return [run for trial in self._pending.values() for run in trial.runs]

    def advance(self) -> None:
        """Goes on with every search as far as the records reach."""
        while True:
            newest = self.records.newest(run.fingerprint for run in self.missing)
            values = {cell: trial_value(trial, newest) for cell, trial in self._pending.items()}
            known = {cell: value for cell, value in values.items() if value is not None}
            if not known:
                return
            for cell, value in known.items():
                del self._pending[cell]
                self._go_on(cell, value)

    def found(self) -> Plan:
        """The plan of the arms with the settings that were chosen for them, once nothing is missing."""
        records = self.records.newest(self.plan.by_fingerprint)
        chosen = chosen_settings(self.plan, findings(self.plan, records))
        return replace(make_plan(self.plan.spec, chosen), trials=self.plan.trials)

    def _begin(self, arm: Arm, plain: Recipe) -> None:
        space = space_of(arm, plain, self._tune)
        if not space:
            return
        cell, every = (arm.name, plain.model.label), own_settings(arm, plain)
        own = {key: every[key] for key in space}
        self._walks[cell] = walk(" on ".join(cell), own, space, self._tune, every["trainer.epochs"]), arm, plain
        self._go_on(cell, None)

    def _go_on(self, cell: Cell, value: float | None) -> None:
        """Sends a search the value that it waits for, None to begin it; settings that cannot be are worth nothing."""
        steps, arm, plain = self._walks[cell]
        while True:
            try:
                asked = steps.send(value)  # type: ignore[arg-type]
            except StopIteration:
                return
            trial = self._trial(arm, plain, asked)
            if trial is not None:
                self._pending[cell] = trial
                self.plan = replace(self.plan, trials=(*self.plan.trials, trial))
                return
            value = WORST

    def _trial(self, arm: Arm, plain: Recipe, asked: Asked) -> Trial | None:
        """None where the settings do not go together."""
        try:
            return make_trial(arm, plain, self._tune.seeds, *asked)
        except ValueError:
            return None


def searched(plan: Plan, records: Records, work_off: Callable[[Plan, list[Run]], object]) -> Plan:
    """Trains what the searches ask for, round by round; returns the plan with what they chose."""
    search = Search(plan, records)
    while search.missing:
        work_off(search.plan, search.missing)
        search.advance()
    return search.found()


def so_far(plan: Plan, records: Records) -> Plan:
    """The plan as far as its search is recorded; nothing is trained."""
    if not plan.searching:
        return plan
    search = Search(plan, records)
    return search.plan if search.missing else search.found()
