"""Made-up studies whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ablations.arms import BASELINE, SHAM
from reports.study import MORE_COLUMNS, RUN_COLUMNS, Study

MARGIN, SD = 0.5, 0.3
"""The example of the handbook: points that matter, and the standard deviation of paired differences."""
BASE, CHANCE, COMMON = 75.0, 10.0, 2.0
"""The baseline's true accuracy, that of guessing, and how far a seed moves all arms together, in points."""
COLLAPSES = 0.05
"""How often a run, the baseline's too, falls to chance where runs collapse; of one arm alone, twice as often."""
NOISIER = 4
"""How much wider the paired differences of the first arm are where it is noisier."""

Random = np.random.Generator
Noise = Callable[[Random, tuple[int, ...]], np.ndarray]


def normal(random: Random, shape: tuple[int, ...]) -> np.ndarray:
    return random.normal(size=shape)


def skewed(random: Random, shape: tuple[int, ...]) -> np.ndarray:
    """Exponential in the arms, so that the differences from a normal baseline lean to one side."""
    noise = random.exponential(size=shape) - 1
    noise[:, 0] = random.normal(size=noise[:, 0].shape)
    return noise


def one_sided(random: Random, shape: tuple[int, ...]) -> np.ndarray:
    """The differences themselves are lognormal, for a baseline that hardly varies: of skewness 6."""
    noise = (random.lognormal(size=shape) - np.exp(0.5)) * np.sqrt(2 / (np.e * (np.e - 1)))
    noise[:, 0] = 0
    return noise


def one_noisier(random: Random, shape: tuple[int, ...]) -> np.ndarray:
    noise = random.normal(size=shape)
    noise[:, 1] *= np.sqrt(2 * NOISIER**2 - 1)
    return noise


KINDS: dict[str, Noise] = {
    "normal": normal, "skewed": skewed, "one arm noisier": one_noisier, "collapses": normal,
    "one arm collapses": normal, "one-sided": one_sided,
}  # fmt: skip


class Drawn(NamedTuple):
    """What came out, models x arms (baseline first, sham last) x seeds."""

    accuracy: np.ndarray
    gap: np.ndarray
    effects: np.ndarray
    """The true ones on accuracy, models x arms."""


@dataclass(frozen=True)
class World:
    """What is true: the effects of the arms, and how runs vary.

    Under each seed all arms share one draw, and all differences share the baseline's own noise, as in real ablations.
    """

    effects: tuple[float, ...]
    """On test accuracy, in points, one an arm."""
    gaps: tuple[float, ...]
    """On the gap."""
    seeds: int
    kind: str = "normal"
    margin: float = MARGIN
    base_gap: float = 30.0
    spread: float = 0.0
    """Standard deviation over architectures of every arm's effect."""
    models: int = 1

    @property
    def arms(self) -> list[str]:
        return [f"arm {number}" for number in range(1, len(self.effects) + 1)]

    @property
    def falls(self) -> np.ndarray:
        """How often a run of the baseline, of each arm and of the sham falls to chance."""
        falls = np.full(len(self.effects) + 2, COLLAPSES if self.kind == "collapses" else 0.0)
        falls[1] += 2 * COLLAPSES * (self.kind == "one arm collapses")
        return falls

    def truths(self) -> dict[str, tuple[float, float]]:
        """The true mean effects on accuracy and gap, by arm."""
        stands = 1 - self.falls
        accuracy = stands * (BASE + np.pad(self.effects, 1)) + self.falls * CHANCE
        gap = stands * (self.base_gap + np.pad(self.gaps, 1))
        pairs = zip(accuracy[1:-1] - accuracy[0], gap[1:-1] - gap[0], strict=True)
        return dict(zip(self.arms, pairs, strict=True))

    def study(self, random: Random) -> Study:
        """One ablation of it, with a baseline and a sham."""
        return self.told(self.drawn(random))

    def told(self, drawn: Drawn) -> Study:
        """The study that such numbers make."""
        frame = _cells(tuple(self.arms), self.models, self.seeds)
        runs = frame.assign(test_accuracy=drawn.accuracy.ravel(), gap=drawn.gap.ravel())
        return Study("made", "", self.margin, runs, (), chance=CHANCE)

    def drawn(self, random: Random) -> Drawn:
        shape = (self.models, len(self.effects) + 2, self.seeds)
        noise = KINDS[self.kind](random, shape) * SD / np.sqrt(2)
        training = random.normal(0, SD / 4, shape)
        common = random.normal(0, COMMON, (2, self.models, 1, self.seeds))
        effects = self.effects + self.spread * random.normal(size=(self.models, len(self.effects)))
        accuracy = BASE + common[0] + _column(effects) + noise
        gap = self.base_gap + common[1] / 4 + _column(self.gaps) + training - noise
        fallen = random.random(shape) < self.falls[:, None]
        return Drawn(np.where(fallen, CHANCE, accuracy), np.where(fallen, 0, gap), effects)


def _column(effects: ArrayLike) -> np.ndarray:
    """Effects of the arms, with 0 before them for the baseline and after them for the sham; for all seeds."""
    return np.pad(np.atleast_2d(effects), ((0, 0), (1, 1)))[..., None]


@lru_cache(maxsize=64)
def _cells(arms: tuple[str, ...], models: int, seeds: int) -> pd.DataFrame:
    """The runs of a study, but for what came out."""
    axes = [[f"model {number}" for number in range(models)], [BASELINE, *arms, SHAM], range(seeds)]
    index = pd.MultiIndex.from_product(axes, names=["model", "arm", "seed"])
    known = index.to_frame(index=False).assign(status="finished", seconds=1.0, parameters=1)
    return known.reindex(columns=[*RUN_COLUMNS, *MORE_COLUMNS])
