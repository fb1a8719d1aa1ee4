"""Dose curves: the levels of a factor that differ in one number only, each a dose with its accuracies."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeGuard

import pandas as pd

from ablations.arms import BASELINE
from reports.inference.intervals import paired_interval
from reports.study import ArmCard, Study

FEWEST_DOSES = 3
"""Below them there is no shape to see."""
WIDE = 20
"""Doses whose largest is more than so many times the smallest are shown on a logarithmic axis."""
PARTS = {"train": "train_accuracy", "test": "test_accuracy"}


class DoseCurve(NamedTuple):
    """The arms of one factor on one model that differ in one setting, which is a number."""

    model: str
    factor: str
    setting: str
    doses: dict[str, float]
    """By arm, from the smallest to the largest."""
    baseline: float | None
    """The baseline's own dose; None where it is not known to differ from the arms in this setting alone."""

    @property
    def logarithmic(self) -> bool:
        low, high = min(self.doses.values()), max(self.doses.values())
        return 0 < low * WIDE < high

    @property
    def placed(self) -> dict[str, float]:
        """All arms that have a place on the axis, the baseline among them where it has one."""
        off = self.baseline is None or (self.logarithmic and self.baseline <= 0)
        arms = self.doses if self.baseline is None or off else {**self.doses, BASELINE: self.baseline}
        return dict(sorted(arms.items(), key=lambda item: item[1]))


@lru_cache(maxsize=4)
def dose_curves(study: Study) -> dict[str, list[DoseCurve]]:
    """The curves that a study has, by factor: one per model."""
    cards: dict[tuple[str, str], list[ArmCard]] = defaultdict(list)
    for card in study.arms:
        if len(card.switched) == 1:
            cards[card.switched[0].factor, card.model].append(card)
    found: dict[str, list[DoseCurve]] = defaultdict(list)
    for (factor, model), alike in cards.items():
        setting = _the_one_number(alike)
        if setting and any(study.cell(model, card.name)["test_accuracy"].notna().any() for card in alike):
            found[factor].append(_curve(model, factor, setting, alike))
    return dict(found)


def _the_one_number(cards: Sequence[ArmCard]) -> str | None:
    """The setting in which all of them differ, where it is one and a number."""
    levels = [card.switched[0].settings() for card in cards]
    keys = dict.fromkeys(key for level in levels for key in level)
    differing = [key for key in keys if any(level.get(key) != levels[0].get(key) for level in levels)]
    if len(cards) < FEWEST_DOSES or len(differing) != 1:
        return None
    return differing[0] if all(_is_number(level.get(differing[0])) for level in levels) else None


def _curve(model: str, factor: str, setting: str, cards: Sequence[ArmCard]) -> DoseCurve:
    doses = {card.name: float(card.switched[0].settings()[setting]) for card in cards}
    ordered = dict(sorted(doses.items(), key=lambda item: item[1]))
    return DoseCurve(model, factor, setting, ordered, _own_dose(cards[0], setting))


def _own_dose(card: ArmCard, setting: str) -> float | None:
    """The baseline's, where that has all other settings in common with the arm."""
    own = card.own.get(setting)
    alike = card.own == {**card.switched[0].settings(), setting: own}
    return float(own) if alike and _is_number(own) else None


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def dose_runs(study: Study, curve: DoseCurve) -> pd.DataFrame:
    """Every run's accuracies: arm, dose, part, accuracy; the baseline's too, without a dose where it has no place."""
    rows = [
        (arm, curve.placed.get(arm, math.nan), part, accuracy)
        for arm in dict.fromkeys([*curve.placed, BASELINE])
        for part, measure in PARTS.items()
        for accuracy in study.cell(curve.model, arm)[measure].dropna()
    ]
    return pd.DataFrame(rows, columns=["arm", "dose", "part", "accuracy"])


def dose_means(study: Study, curve: DoseCurve) -> pd.DataFrame:
    """Means over seeds, each with a 95 % t interval of its own: arm, dose, part, mean, low, high."""
    groups = dose_runs(study, curve).groupby(["arm", "dose", "part"], sort=False, dropna=False)["accuracy"]
    rows = [(*names, *_interval(accuracies)) for names, accuracies in groups]
    return pd.DataFrame(rows, columns=["arm", "dose", "part", "mean", "low", "high"])


def _interval(accuracies: pd.Series) -> tuple[float, float, float]:
    found = paired_interval(accuracies)
    return found.mean, found.low, found.high
