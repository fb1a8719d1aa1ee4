"""Experiments on the statistics: what is looked at in one study, how often it happens, and how often it may."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tests.calibrate.world import Random

TOLERANCE = 3.0
"""Standard errors by which a simulated rate may be off its goal: among hundreds that are exact, some are off by two."""

Outcome = dict[str, float]
"""What one study came to: whether something happened, or how much of it; left out where it could not happen."""


class Goal(NamedTuple):
    """Within what a rate must lie."""

    low: float = -math.inf
    high: float = math.inf
    known: bool = False
    """That it may well not: then it is shown, and fails nothing."""

    def __str__(self) -> str:
        if math.isinf(self.low):
            return f"at most {self.high:g}"
        return (
            f"at least {self.low:g}" if math.isinf(self.high) else f"{self.low:.2f}-{self.high:.2f}".replace("0.", ".")
        )


def about(rate: float, within: float) -> Goal:
    return Goal(max(0.0, rate - within), min(1.0, rate + within))


class Rate(NamedTuple):
    """A simulated rate or mean, with its Monte-Carlo standard error."""

    value: float
    error: float

    def meets(self, goal: Goal) -> bool:
        slack = TOLERANCE * self.error
        return goal.low - slack <= self.value <= goal.high + slack


@dataclass(frozen=True)
class Experiment:
    """Something done to study after study."""

    setting: str
    once: Callable[[Random], Outcome]
    goals: Mapping[str, Goal] = field(default_factory=dict)
    """By outcome; what has none is shown only."""
    share: float = 1.0
    """Of the number of studies asked for, where one study takes long."""

    def rates(self, studies: int) -> dict[str, Rate]:
        """The same number of studies always gives the same rates, whatever else is simulated beside them."""
        random = np.random.default_rng(list(self.setting.encode()))
        seen: dict[str, list[float]] = {}
        for _ in range(max(2, round(self.share * studies))):
            for name, value in self.once(random).items():
                seen.setdefault(name, []).append(float(value))
        return {name: _rate(np.array(values)) for name, values in seen.items()}

    def misses(self, rates: Mapping[str, Rate]) -> int:
        """How many rates miss their goal and are not known to."""
        goals = {name: goal for name, goal in self.goals.items() if name in rates and not goal.known}
        return sum(not rates[name].meets(goal) for name, goal in goals.items())


def _rate(values: np.ndarray) -> Rate:
    error = values.std(ddof=1) / math.sqrt(len(values)) if len(values) > 1 else math.inf
    return Rate(float(values.mean()), float(error))
