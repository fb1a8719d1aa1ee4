"""What came of a search: the value of every trial, by validation data alone, and what is chosen by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import mean
from typing import Any

from ablations.arms import BASELINE
from ablations.space import Settings, is_control, space_of
from runs.plan import Cell, Plan, Run, Trial, cells
from runs.records import Record

WORST = 0.0
"""Percent; what a run counts that failed or diverged."""


@dataclass(frozen=True)
class Found:
    """What the search of one arm on one architecture came to."""

    cell: Cell
    own: dict[str, Any]
    """The searched settings as the spec has them."""
    chosen: dict[str, Any]
    own_value: float
    """Mean validation accuracy over the seeds of the search, in percent."""
    value: float
    trials: int
    pruned: int
    """Trials that were given up before the whole training."""
    bad_runs: int
    """Runs that failed or diverged."""
    epochs: int
    """Trained for it in all runs together; a run that two trials share counts once."""


def trial_value(trial: Trial, records: Mapping[str, Record]) -> float | None:
    """Mean validation accuracy over the seeds; None where a run has no record yet."""
    found = [records.get(run.fingerprint) for run in trial.runs]
    return mean(map(_value, found)) if all(found) else None


def _value(record: Record | None) -> float:
    return record["metrics"]["val_accuracy"] if record and record["status"] == "finished" else WORST


def is_whole(trial: Trial, plan: Plan) -> bool:
    """Whether the settings were trained for all epochs, without which they are not chosen."""
    lengths = {one.cell: one.recipe.trainer.epochs for one in plan.arms}
    whole = dict(trial.planned.settings).get("trainer.epochs", lengths[trial.planned.cell])
    return trial.planned.recipe.trainer.epochs == whole


def findings(plan: Plan, records: Mapping[str, Record]) -> Iterator[Found]:
    """What each arm's search came to; of equal trials the earlier one is chosen, and the first is the spec's own."""
    for cell in dict.fromkeys(trial.planned.cell for trial in plan.trials):
        trials = [trial for trial in plan.trials if trial.planned.cell == cell]
        whole = [(value, trial) for trial in trials
                 if is_whole(trial, plan) and (value := trial_value(trial, records)) is not None]  # fmt: skip
        if whole:
            yield _found(cell, trials, whole, records)


def _found(cell: Cell, trials: list[Trial], whole: list[tuple[float, Trial]], records: Mapping[str, Record]) -> Found:
    own_value, own = whole[0]
    value, chosen = max(whole, key=lambda one: one[0])
    runs: dict[str, Run] = {run.fingerprint: run for trial in trials for run in trial.runs}
    bad = [key for key in runs if records.get(key, {}).get("status") in ("failed", "diverged")]
    numbers = {trial.planned.trial for trial in trials}
    return Found(
        cell, dict(own.planned.settings), dict(chosen.planned.settings), own_value, value, len(numbers),
        len(numbers - {trial.planned.trial for _, trial in whole}), len(bad),
        sum(int(record["metrics"].get("epochs", 0)) for key in runs if (record := records.get(key))),
    )  # fmt: skip


def chosen_settings(plan: Plan, found: Iterator[Found] | list[Found]) -> dict[Cell, Settings]:
    """The settings of every arm: what its own search chose, in a sham what the baseline's did."""
    chosen: dict[Cell, Settings] = {one.cell: one.chosen for one in found}
    shams = [one.cell for one in plan.arms if is_control(one.arm)]
    return chosen | {cell: chosen[BASELINE, cell[1]] for cell in shams if (BASELINE, cell[1]) in chosen}


def searched_cells(plan: Plan) -> list[Cell]:
    """The arms that something is searched in, on every architecture."""
    tune = plan.spec.tune
    return [(arm.name, plain.model.label) for arm, plain in cells(plan.spec) if tune and space_of(arm, plain, tune)]


def unasked_runs(plan: Plan) -> list[Run]:
    """Stand-ins for runs of which it is known only that they will come: trials that a search has not asked for, each
    once however it is pruned, and what is reported after it."""
    if not plan.searching or plan.spec.tune is None:
        return []
    asked = Counter(cell for cell, _ in {(trial.planned.cell, trial.planned.trial) for trial in plan.trials})
    arms = {planned.cell: planned for planned in plan.arms}
    trials = [arms[cell] for cell in searched_cells(plan) for _ in range(plan.spec.tune.trials - asked[cell])]
    searched = [Run(planned, seed, "") for planned in trials for seed in plan.spec.tune.seeds]
    return [*searched, *(Run(planned, seed, "") for planned in plan.arms for seed in plan.seeds(planned.cell))]


def expected_runs(plan: Plan) -> int:
    """All runs, those among them that are not known yet."""
    return len(plan.by_fingerprint) + len(unasked_runs(plan))
