"""Interactions: what two levels do together beyond the sum of what each does alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ablations.arms import BASELINE
from reports.effects import collapsed
from reports.intervals import Interval, paired_interval
from reports.study import Study
from reports.verdicts import detail, gap_interaction_verdict, interaction_verdict, unstable

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
        size = detail(self.accuracy, self.margin, self.family)
        gap = f"; gap: {self.gap_verdict}" if self.gap.tested else ""
        return f"{self.verdict} ({size}){gap}{unstable(self.collapsed, self.runs)}"


def contrast(pair: ArrayLike, one: ArrayLike, other: ArrayLike, baseline: ArrayLike) -> np.ndarray:
    """(pair - baseline) - (one - baseline) - (other - baseline), seed by seed: 0 where effects add up (Yates 1937)."""
    return np.asarray(pair, float) - np.asarray(one, float) - np.asarray(other, float) + np.asarray(baseline, float)


@lru_cache(maxsize=4)
def interactions(study: Study) -> tuple[Interaction, ...]:
    """Every pair of which both levels were run alone, per model; their intervals hold together."""
    found = [(model, pair) for model in study.models for pair in pairs(study, model)]
    return tuple(_interaction(study, model, pair, len(found)) for model, pair in found)


def pairs(study: Study, model: str) -> Iterator[tuple[str, str, str]]:
    """The arms that switch two things, each with the two arms that switch one of them alone."""
    arms = {card.parts: card.name for card in study.arms if card.model == model and card.name in study.tested}
    for parts, arm in arms.items():
        alone = [name for other, name in arms.items() if len(other) == 1 and other < parts]
        if len(parts) == 2 and len(alone) == 2:
            yield arm, alone[0], alone[1]


def _interaction(study: Study, model: str, pair: tuple[str, str, str], family: int) -> Interaction:
    arms = [*pair, BASELINE]
    accuracy, gap = (_by_seed(study, model, arms, measure) for measure in ("test_accuracy", "gap"))
    effects = (float(np.mean(accuracy[arm] - accuracy[BASELINE])) if len(accuracy) else math.nan for arm in pair)
    together, one, other = effects
    cells = [study.cell(model, arm) for arm in arms]
    return Interaction(
        model, *pair, one_effect=one, other_effect=other, effect=together,
        accuracy=paired_interval(contrast(*(accuracy[arm] for arm in arms)), family),
        gap=paired_interval(contrast(*(gap[arm] for arm in arms)), family),
        collapsed=sum(int(collapsed(cell, study.chance).sum()) for cell in cells), runs=sum(map(len, cells)),
        margin=study.margin, family=family,
    )  # fmt: skip


def _by_seed(study: Study, model: str, arms: list[str], measure: str) -> pd.DataFrame:
    """A column per arm, a row per seed under which all of them left the number."""
    columns = [study.cell(model, arm)[measure] for arm in arms]
    return pd.concat(columns, axis=1, keys=arms, join="inner").astype(float).dropna()


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
