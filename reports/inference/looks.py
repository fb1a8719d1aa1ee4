"""How many seeds each arm shall have next, by the rule that was declared before the runs."""

from __future__ import annotations

import pandas as pd

from ablations.arms import BASELINE, SHAM
from ablations.seeds import Looks, Stein
from reports.inference.effects import Effect, effects
from reports.inference.intervals import FEWEST
from reports.inference.sampling import stein_seeds
from reports.inference.verdicts import accuracy_verdict
from reports.study import Study

LOOK_COLUMNS = ["model", "arm", "look", "seeds", "n", "effect", "low", "high", "verdict"]
"""The columns of looks.csv, which others read."""
Counts = dict[tuple[str, str], int]
"""By arm and model."""


def next_counts(study: Study) -> Counts:
    """Seeds that each arm shall have in all, given the runs so far; nothing new where all is decided, or all are used.

    The baseline and the sham have as many as the arm of their model that has most. Raises ValueError without a rule.
    """
    if study.sampling is None:
        raise ValueError(f"{study.name} has no rule by which seeds are added")
    counts: Counts = {}
    for model in study.models:
        found = [effect for effect in effects(study) if effect.model == model]
        arms = {(e.arm, model): _wanted(study, e, study.sampling) for e in found if e.arm != SHAM}
        most = max(arms.values(), default=study.sampling.first)
        controls = [arm for arm in (BASELINE, SHAM) if study.has(model, arm)]
        counts |= arms | {(arm, model): most for arm in controls}
    return counts


def _wanted(study: Study, effect: Effect, rule: Looks | Stein) -> int:
    if not study.carried_out(effect.model, effect.arm, rule.first):
        return rule.first
    return _at_next_look(effect, rule) if isinstance(rule, Looks) else _by_spread(study, effect, rule)


def _at_next_look(effect: Effect, rule: Looks) -> int:
    """The look that it is at, or the one after where it is undecided."""
    taken = len(effect.looks)
    return rule.looks[min(taken, len(rule.looks) - 1) if effect.open else taken - 1]


def _by_spread(study: Study, effect: Effect, rule: Stein) -> int:
    """What the spread of the first seeds asks for; the mean has no say."""
    interval = effect.accuracy
    if not interval.tested or interval.n < FEWEST:
        return rule.first
    width = study.margin if rule.half_width is None else rule.half_width
    return stein_seeds(rule.first, interval.sd, width, interval.level, rule.most)


def looks_frame(study: Study) -> pd.DataFrame:
    """Every look that was taken at every arm, as looks.csv has them; empty where none were declared."""
    if not isinstance(study.sampling, Looks):
        return pd.DataFrame(columns=LOOK_COLUMNS)
    rows = [
        [e.model, e.arm, number, seeds, at.n, at.mean, at.low, at.high, accuracy_verdict(at, e.margin)]
        for e in effects(study)
        for number, (seeds, at) in enumerate(zip(study.sampling.looks, e.looks, strict=False), start=1)
    ]
    return pd.DataFrame(rows, columns=LOOK_COLUMNS)
