"""Cards: what is known of each factor, and what was seen of it here."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ablations.arms import BASELINE, OFF
from ablations.references import bibtex
from reports.inference.effects import Effect, effects
from reports.numbers import plus_minus
from reports.study import ArmCard, FactorCard, Study


@dataclass(frozen=True)
class Line:
    """One arm on one model, as a card shows it."""

    arm: ArmCard
    seen: str
    """Its effect, with the verdict."""

    @property
    def level(self) -> str:
        """The level, where the arm's name does not say it already."""
        return "" if self.arm.level == OFF or self.arm.level in self.arm.name else self.arm.level


@dataclass(frozen=True)
class Card:
    """A factor with the arms that switch it and nothing else."""

    factor: FactorCard
    lines: tuple[Line, ...]

    @property
    def bibtex(self) -> str:
        """The entries of the papers that it names, to be copied."""
        return bibtex(self.factor.cites)


def cards(study: Study) -> list[Card]:
    """One for each factor of the plan, in its order, its arms inside in theirs."""
    lines = _lines(study)
    return [Card(one, tuple(line for line in lines if line.arm.factor == one.name)) for one in study.factors]


def other_lines(study: Study) -> list[Line]:
    """The arms that are in no card: those that switch several factors, and those of anybody's runs."""
    names = {one.name for one in study.factors}
    return [line for line in _lines(study) if line.arm.factor not in names]


def _lines(study: Study) -> list[Line]:
    found = {(e.model, e.arm): e for e in effects(study)}
    arms = [arm for arm in study.arms if arm.name != BASELINE]
    return [Line(arm, _seen(found[arm.model, arm.name])) for arm in arms]


def _seen(effect: Effect) -> str:
    if math.isnan(effect.accuracy.mean):
        return "no numbers yet"
    size = plus_minus(effect.accuracy.mean, effect.accuracy.half)
    return f"{size} points ({effect.detail}): {effect.summary}"
