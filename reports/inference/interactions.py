"""Interactions: what two levels do together beyond the sum of what each does alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ablations.arms import BASELINE
from reports.inference.collapse import collapsed_counts
from reports.inference.intervals import Interval, mean_of, paired_interval
from reports.inference.sampling import shared_confidence
from reports.inference.verdicts import detail, gap_interaction_verdict, interaction_verdict, unstable
from reports.study import Study

INTERACTION_COLUMNS = [
    "model", "arm", "one", "other", "n", "one_effect", "other_effect", "effect", "interaction", "low", "high",
    "verdict", "gap_interaction", "gap_low", "gap_high", "gap_verdict",
]  # fmt: skip
"""The columns of interactions.csv, which others read."""


@dataclass(frozen=True)
class Interaction:
    """One pair of levels on one model, held against both alone under the same seeds."""

    model: str
    arm: str
    one: str
    other: str
    one_effect: float
    """Mean effect on test accuracy alone, in points, as the two next ones: under the seeds that all four arms have."""
    other_effect: float
    effect: float
    """Of both together."""
    accuracy: Interval
    gap: Interval
    collapsed: int
    """Runs of the four arms that did."""
    runs: int
    margin: float
    family: int

    @property
    def verdict(self) -> str:
        return interaction_verdict(self.accuracy, self.margin)

    @property
    def gap_verdict(self) -> str:
        return gap_interaction_verdict(self.gap, self.margin)

    @property
    def summary(self) -> str:
        """Both words, with the size that belongs to them or what would settle them."""
        size = detail(self.accuracy, self.margin)
        gap = f"; gap: {self.gap_verdict}" if self.gap.tested else ""
        return f"{self.verdict} ({size}){gap}{unstable(self.collapsed, self.runs)}"


def contrast(pair: ArrayLike, one: ArrayLike, other: ArrayLike, baseline: ArrayLike) -> np.ndarray:
    """(pair - baseline) - (one - baseline) - (other - baseline), seed by seed: 0 where effects add up (Yates 1937)."""
    return np.asarray(pair, float) - np.asarray(one, float) - np.asarray(other, float) + np.asarray(baseline, float)


@lru_cache(maxsize=4)
def interactions(study: Study) -> tuple[Interaction, ...]:
    """Every pair of which both levels were run alone, per model; their intervals hold together."""
    found = [(model, pair) for model in study.models for pair in pairs(study, model)]
    grids = {measure: study.grid(measure) for measure in ("test_accuracy", "gap")}
    return tuple(_interaction(study, grids, model, pair, len(found)) for model, pair in found)


def pairs(study: Study, model: str) -> Iterator[tuple[str, str, str]]:
    """The arms that switch two things, each with the two arms that switch one of them alone."""
    tested = set(study.tested)
    arms = {card.parts: card.name for card in study.arms if card.model == model and card.name in tested}
    alone = {part: name for parts, name in arms.items() if len(parts) == 1 for part in parts}
    for parts, arm in arms.items():
        if len(parts) == 2 and parts <= alone.keys():
            one, other = sorted((alone[part] for part in parts), key=study.row_of.__getitem__)
            yield arm, one, other


def _interaction(
    study: Study, grids: Mapping[str, np.ndarray], model: str, pair: tuple[str, str, str], family: int
) -> Interaction:
    arms, place = [*pair, BASELINE], study.models.index(model)
    rows = [study.row_of[arm] for arm in arms]
    accuracy, gap = (_shared(grids[measure][place, rows]) for measure in ("test_accuracy", "gap"))
    together, one, other = (mean_of(scores - accuracy[-1]) for scores in accuracy[:-1])
    confidence = shared_confidence(study.sampling)
    collapsed, runs = map(sum, zip(*(collapsed_counts(study)[model, arm] for arm in arms), strict=True))
    return Interaction(
        model, *pair, one_effect=one, other_effect=other, effect=together,
        accuracy=paired_interval(contrast(*accuracy), family, confidence),
        gap=paired_interval(contrast(*gap), family, confidence),
        collapsed=collapsed, runs=runs, margin=study.margin, family=family,
    )  # fmt: skip


def _shared(scores: np.ndarray) -> np.ndarray:
    """Arms x seeds, of the seeds under which all of them left the number."""
    return scores[:, np.isfinite(scores).all(axis=0)]


def interactions_frame(study: Study) -> pd.DataFrame:
    """The interactions as interactions.csv has them."""
    rows = [
        [
            i.model, i.arm, i.one, i.other, i.accuracy.n, i.one_effect, i.other_effect, i.effect, i.accuracy.mean,
            i.accuracy.low, i.accuracy.high, i.verdict, i.gap.mean, i.gap.low, i.gap.high, i.gap_verdict,
        ]
        for i in interactions(study)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=INTERACTION_COLUMNS)
