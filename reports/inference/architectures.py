"""Effects over architectures: what holds on those that were run, and what may be said beyond them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from ablations.arms import BASELINE, SHAM
from ablations.seeds import Stein
from reports.inference.guard import Prior, prior_of
from reports.inference.intervals import Interval, mean_of, paired_interval
from reports.inference.sampling import shared_confidence
from reports.inference.verdicts import Judged
from reports.study import Study

OVERALL_COLUMNS = [
    "arm", "models", "n", "effect", "low", "high", "verdict", "gap_effect", "gap_low", "gap_high", "gap_verdict",
    "summary", "beyond_low", "beyond_high", "holds_for", "better_models", "time_ratio",
]  # fmt: skip
"""The columns of architectures.csv, which others read."""


@dataclass(frozen=True)
class Overall(Judged):
    """One arm over all architectures, averaged within each seed first, since that is what is replicated."""

    arm: str
    models: int
    accuracy: Interval
    gap: Interval
    beyond: Interval
    """Of the mean effect per architecture, architectures being what is drawn: n - 1 of their number."""
    better: int
    """Architectures on which the mean effect is above 0."""
    time_ratio: float
    margin: float
    score: str = "accuracy"

    @property
    def reach(self) -> str:
        """How far the claim goes: to the architectures that were run, or beyond them."""
        if self.verdict not in ("helps", "hurts"):
            return ""
        agrees = self.beyond.low > 0 if self.verdict == "helps" else self.beyond.high < 0
        return "these architectures, and beyond them" if agrees else "these architectures"


@lru_cache(maxsize=4)
def overall(study: Study) -> tuple[Overall, ...]:
    """Every arm that was run on all of several architectures: the best first, the sham last; else none.

    A family of its own: its intervals hold together over the arms. None in two stages (Stein 1945), whose seeds were
    counted for one architecture each.
    """
    if len(study.comparable) < 2 or isinstance(study.sampling, Stein):
        return ()
    others = [arm for arm in study.arm_names if arm != BASELINE]
    arms = [arm for arm in others if all(study.has(model, arm) for model in study.comparable)]
    family = max(1, sum(arm != SHAM for arm in arms))
    differences = {measure: _differences(study, measure) for measure in ("test_accuracy", "gap")}
    priors = {measure: _prior(study, arms, found) for measure, found in differences.items()}
    ratios = _time_ratios(study)
    found = [_overall(study, arm, differences, priors, family, ratios[arm]) for arm in arms]
    return tuple(sorted(found, key=lambda e: (e.arm == SHAM, math.isnan(e.accuracy.mean), -e.accuracy.mean)))


def _differences(study: Study, measure: str) -> np.ndarray:
    """Arm less baseline, models that can be compared x arms x seeds."""
    grid = study.grid(measure)[[study.models.index(model) for model in study.comparable]]
    return grid - grid[:, [study.row_of[BASELINE]]]


def _within_seeds(differences: np.ndarray) -> np.ndarray:
    """The mean over architectures under each seed that all of them have; models x seeds in."""
    return _known(differences.mean(axis=0))


def _prior(study: Study, arms: list[str], differences: np.ndarray) -> Prior:
    rows = [study.row_of[arm] for arm in arms if arm != SHAM]
    return prior_of([_within_seeds(differences[:, row]) for row in rows])


def _time_ratios(study: Study) -> dict[str, float]:
    """By arm, its training time as a multiple of the baseline's, averaged over architectures."""
    seconds = np.array([[study.mean("seconds", model, arm) for arm in study.arm_names] for model in study.comparable])
    base = seconds[:, [study.row_of[BASELINE]]]
    ratios = seconds / np.where(base > 0, base, np.nan)  # somebody's clock may have stood still
    return {arm: mean_of(_known(models)) for arm, models in zip(study.arm_names, ratios.T, strict=True)}


def _overall(
    study: Study,
    arm: str,
    differences: dict[str, np.ndarray],
    priors: dict[str, Prior],
    family: int,
    time_ratio: float,
) -> Overall:
    accuracy, gap = (differences[measure][:, study.row_of[arm]] for measure in ("test_accuracy", "gap"))
    means = np.array([mean_of(_known(model)) for model in accuracy])
    confidence = shared_confidence(study.sampling)
    return Overall(
        arm, len(study.comparable),
        accuracy=paired_interval(_within_seeds(accuracy), family, confidence, priors["test_accuracy"]),
        gap=paired_interval(_within_seeds(gap), family, confidence, priors["gap"]),
        beyond=paired_interval(_known(means), family, confidence), better=int((means > 0).sum()),
        time_ratio=time_ratio, margin=study.margin, score=study.score,
    )  # fmt: skip


def _known(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]


def overall_frame(study: Study) -> pd.DataFrame:
    """The effects over architectures as architectures.csv has them."""
    rows = [
        [
            one.arm, one.models, one.accuracy.n, one.accuracy.mean, one.accuracy.low, one.accuracy.high, one.verdict,
            one.gap.mean, one.gap.low, one.gap.high, one.gap_verdict, one.phrase, one.beyond.low, one.beyond.high,
            one.reach, one.better, one.time_ratio,
        ]
        for one in overall(study)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=OVERALL_COLUMNS)
