"""Effects: every arm against the baseline, seed by seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from ablations.arms import BASELINE, SHAM
from ablations.seeds import Stein
from reports.inference.collapse import collapsed_runs
from reports.inference.gap_closed import GapClosed, gap_closed
from reports.inference.guard import Prior, prior_of
from reports.inference.intervals import FEWEST, Interval, mean_of, paired_interval, two_stage_interval
from reports.inference.sampling import Look, declared_looks
from reports.inference.verdicts import Judged, unstable
from reports.study import Study

EFFECT_COLUMNS = [
    "model", "arm", "n", "baseline_accuracy", "test_accuracy", "effect", "low", "high", "verdict", "gap_baseline",
    "gap", "gap_effect", "gap_low", "gap_high", "gap_verdict", "summary", "time_ratio", "parameter_ratio",
]  # fmt: skip
"""The columns of effects.csv, which others read."""
MEASURES = ("test_accuracy", "gap", "seconds", "parameters")


@dataclass(frozen=True)
class Effect(Judged):
    """One arm on one model, compared with the baseline under the same seeds."""

    model: str
    arm: str
    accuracy: Interval
    gap: Interval
    baseline_accuracy: float
    test_accuracy: float
    baseline_gap: float
    mean_gap: float
    gap_closed: GapClosed
    """Share of the baseline's gap that is gone."""
    better: int
    """Seeds under which the arm beat the baseline."""
    collapsed: int
    runs: int
    time_ratio: float
    parameter_ratio: float
    margin: float
    score: str = "accuracy"
    looks: tuple[Interval, ...] = ()
    """Its accuracy at every look that was taken, this one included; one where none were declared."""

    @property
    def summary(self) -> str:
        return self.phrase + unstable(self.collapsed, self.runs)

    @property
    def open(self) -> bool:
        """Whether more seeds could decide it; they could not where the seed changes nothing."""
        return self.verdict == "undecided" or (self.verdict == "not tested" and self.accuracy.n < FEWEST)


@lru_cache(maxsize=4)
def effects(study: Study) -> tuple[Effect, ...]:
    """All arms, per model: the best first, the sham last. A study never changes, so this is computed once."""
    grids = {measure: study.grid(measure) for measure in MEASURES}
    found: list[Effect] = []
    for index, model in enumerate(study.models):
        cells = _Cells(study, model, {name: grid[index] for name, grid in grids.items()})
        found += sorted(_of_model(cells), key=_from_the_best)
    return tuple(found)


def _from_the_best(effect: Effect) -> tuple[bool, bool, float]:
    return effect.arm == SHAM, math.isnan(effect.accuracy.mean), -effect.accuracy.mean


class _Cells(NamedTuple):
    """The numbers of one model, by measure: arms x seeds."""

    study: Study
    model: str
    numbers: dict[str, np.ndarray]

    @property
    def place(self) -> int:
        return self.study.models.index(self.model)

    def row(self, arm: str) -> int:
        return self.study.row_of[arm]

    def paired(self, measure: str, arm: str, look: Look) -> _Paired:
        """The seeds of a look under which both left the number."""
        numbers = self.numbers[measure][:, : look.seeds]
        above, below = numbers[self.row(arm)], numbers[self.row(BASELINE)]
        both = np.isfinite(above) & np.isfinite(below)
        first = self.study.sampling.stein if isinstance(self.study.sampling, Stein) else 0
        return _Paired(above[both], below[both], int(both[:first].sum()))


class _Paired(NamedTuple):
    arm: np.ndarray
    base: np.ndarray
    first: int
    """How many of them are of a first stage, by whose spread the number of seeds was chosen."""

    @property
    def differences(self) -> np.ndarray:
        return self.arm - self.base


def _of_model(cells: _Cells) -> list[Effect]:
    """Look after look: an arm goes on while it is undecided, as far as the look was carried out."""
    study, found, reached = cells.study, dict[str, Effect](), dict[str, Look]()
    arms = [arm for arm in study.arm_names if arm != BASELINE and study.has(cells.model, arm)]
    for look in declared_looks(study.sampling):
        going = [arm for arm in arms if arm not in found or _goes_on(cells, found[arm], look)]
        reached |= dict.fromkeys(going, look)
        priors = {measure: _prior(cells, measure, reached) for measure in ("test_accuracy", "gap")}
        for arm in going:
            before = found[arm].looks if arm in found else ()
            effect = _effect(cells, arm, look, priors)
            found[arm] = replace(effect, looks=(*before, effect.accuracy))
    return list(found.values())


def _goes_on(cells: _Cells, effect: Effect, look: Look) -> bool:
    carried_out = cells.study.carried_out(cells.model, effect.arm, look.seeds)
    return carried_out and (effect.open or effect.arm == SHAM)


def _prior(cells: _Cells, measure: str, reached: dict[str, Look]) -> Prior:
    """The spread that the arms have in common; that of the sham, which is not one of the family, is left out."""
    return prior_of([cells.paired(measure, arm, look).differences for arm, look in reached.items() if arm != SHAM])


def _effect(cells: _Cells, arm: str, look: Look, priors: dict[str, Prior]) -> Effect:
    study = cells.study
    accuracy, gap, seconds, parameters = (cells.paired(measure, arm, look) for measure in MEASURES)
    found = _interval(study, accuracy, look, priors["test_accuracy"])
    runs = (cells.place, cells.row(arm), slice(look.seeds))
    return Effect(
        cells.model, arm, accuracy=found, gap=_interval(study, gap, look, priors["gap"]),
        baseline_accuracy=mean_of(accuracy.base), test_accuracy=mean_of(accuracy.arm),
        baseline_gap=mean_of(gap.base), mean_gap=mean_of(gap.arm),
        gap_closed=gap_closed(gap.arm, gap.base, found.level),
        better=int((accuracy.arm > accuracy.base).sum()),
        collapsed=int(collapsed_runs(study)[runs].sum()), runs=int(study.left[runs].sum()),
        time_ratio=_ratio(seconds), parameter_ratio=_ratio(parameters), margin=study.margin,
        score=study.score,
    )  # fmt: skip


def _interval(study: Study, pair: _Paired, look: Look, prior: Prior) -> Interval:
    if isinstance(study.sampling, Stein):
        return two_stage_interval(pair.differences, pair.first, (1 - look.confidence) / study.family)
    return paired_interval(pair.differences, study.family, look.confidence, prior)


def effects_frame(found: Sequence[Effect]) -> pd.DataFrame:
    """The effects as effects.csv has them."""
    rows = [
        [
            e.model, e.arm, e.accuracy.n, e.baseline_accuracy, e.test_accuracy, e.accuracy.mean, e.accuracy.low,
            e.accuracy.high, e.verdict, e.baseline_gap, e.mean_gap, e.gap.mean, e.gap.low, e.gap.high, e.gap_verdict,
            e.summary, e.time_ratio, e.parameter_ratio,
        ]
        for e in found
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=EFFECT_COLUMNS)


def _ratio(pair: _Paired) -> float:
    return mean_of(pair.arm) / mean_of(pair.base) if len(pair.base) and mean_of(pair.base) else math.nan
