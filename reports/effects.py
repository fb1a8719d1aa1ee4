"""Effects: every arm against the baseline, seed by seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from ablations.arms import BASELINE, SHAM
from reports.intervals import Interval, paired_interval
from reports.study import Study
from reports.verdicts import accuracy_verdict, detail, gap_verdict, summary, unstable

EFFECT_COLUMNS = [
    "model", "arm", "n", "baseline_accuracy", "test_accuracy", "effect", "low", "high", "verdict", "gap_baseline",
    "gap", "gap_effect", "gap_low", "gap_high", "gap_verdict", "summary", "time_ratio", "parameter_ratio",
]  # fmt: skip
"""The columns of effects.csv, which others read."""
AT_CHANCE = 2.0
"""Points above guessing within which a run counts as not having learned."""
FAR_OUT = 5.0
"""Robust standard deviations from its arm's median beyond which a run counts as collapsed."""


@dataclass(frozen=True)
class Effect:
    """One arm on one model, compared with the baseline under the same seeds."""

    model: str
    arm: str
    accuracy: Interval
    gap: Interval
    baseline_accuracy: float
    test_accuracy: float
    baseline_gap: float
    mean_gap: float
    better: int
    """Seeds under which the arm beat the baseline."""
    collapsed: int
    runs: int
    time_ratio: float
    parameter_ratio: float
    margin: float
    family: int

    @property
    def verdict(self) -> str:
        return accuracy_verdict(self.accuracy, self.margin)

    @property
    def gap_verdict(self) -> str:
        return gap_verdict(self.gap, self.margin)

    @property
    def detail(self) -> str:
        return detail(self.accuracy, self.margin, self.family)

    @property
    def summary(self) -> str:
        return summary(self.accuracy, self.gap, self.margin) + unstable(self.collapsed, self.runs)

    @property
    def gap_closed(self) -> float:
        """Share of the baseline's gap that is gone."""
        return 1 - self.mean_gap / self.baseline_gap


@lru_cache(maxsize=4)
def effects(study: Study) -> tuple[Effect, ...]:
    """All arms, per model: the best first, the sham last. A study never changes, so this is computed once."""
    arms = [*study.tested, *([SHAM] if SHAM in set(study.runs["arm"]) else [])]
    found = [effect(study, model, arm) for model in study.models for arm in arms]
    order = {model: index for index, model in enumerate(study.models)}
    found.sort(key=lambda e: (order[e.model], e.arm == SHAM, math.isnan(e.accuracy.mean), -e.accuracy.mean))
    return tuple(found)


def effect(study: Study, model: str, arm: str) -> Effect:
    """One arm on one model."""
    runs, base = study.cell(model, arm), study.cell(model, BASELINE)
    accuracy, gap = _paired(runs, base, "test_accuracy"), _paired(runs, base, "gap")
    seconds, parameters = _paired(runs, base, "seconds"), _paired(runs, base, "parameters")
    return Effect(
        model, arm,
        accuracy=paired_interval(accuracy.arm - accuracy.base, study.family),
        gap=paired_interval(gap.arm - gap.base, study.family),
        baseline_accuracy=_mean(accuracy.base), test_accuracy=_mean(accuracy.arm),
        baseline_gap=_mean(gap.base), mean_gap=_mean(gap.arm),
        better=int((accuracy.arm > accuracy.base).sum()),
        collapsed=int(collapsed(runs, study.chance).sum()), runs=len(runs),
        time_ratio=_ratio(seconds), parameter_ratio=_ratio(parameters),
        margin=study.margin, family=study.family,
    )  # fmt: skip


def collapsed(runs: pd.DataFrame, chance: float | None) -> pd.Series:
    """Runs that diverged, sit at chance, or lie over 5 robust standard deviations (1.4826 MAD) from their arm.

    Fewer than five runs have no spread worth the name, so the last rule waits until then.
    """
    accuracy = runs["test_accuracy"]
    out = runs["status"].eq("diverged")
    if chance is not None:
        out |= accuracy <= chance + AT_CHANCE
    distance = (accuracy - accuracy.median()).abs()
    spread = 1.4826 * distance.median()
    return out | (distance > FAR_OUT * spread) if len(runs) >= 5 and spread > 0 else out


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


@dataclass(frozen=True)
class _Paired:
    arm: np.ndarray
    base: np.ndarray


def _paired(runs: pd.DataFrame, base: pd.DataFrame, measure: str) -> _Paired:
    both = pd.concat([runs[measure], base[measure]], axis=1, keys=["arm", "base"], join="inner").astype(float).dropna()
    return _Paired(both["arm"].to_numpy(), both["base"].to_numpy())


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else math.nan


def _ratio(pair: _Paired) -> float:
    return _mean(pair.arm) / _mean(pair.base) if len(pair.base) and _mean(pair.base) else math.nan
