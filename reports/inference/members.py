"""Ensembles held against the mean of their own members, run by run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from reports.inference.intervals import Interval, paired_interval
from reports.inference.sampling import shared_confidence
from reports.study import Study


@dataclass(frozen=True)
class AgainstMembers:
    """An ensemble on one model against the mean of its members under the same seeds: what averaging alone does."""

    model: str
    arm: str
    members: int
    test_accuracy: float
    members_accuracy: float
    """Mean over members and seeds, in percent."""
    gain: Interval
    """The ensemble's accuracy less its members' mean, in points."""
    better: int
    """Seeds under which the ensemble was above its members' mean."""
    loss: Interval
    """The ensemble's loss less its members' mean: never above 0 (Jensen)."""


@lru_cache(maxsize=4)
def against_members(study: Study) -> tuple[AgainstMembers, ...]:
    """Every arm whose runs have members, in the order of the plan; the intervals hold together."""
    groups = dict(iter(study.members.groupby(["model", "arm"])))
    cells = [cell for card in study.arms if (cell := (card.model, card.name)) in groups]
    return tuple(_against(study, *cell, groups[cell], len(cells)) for cell in cells)


def _against(study: Study, model: str, arm: str, members: pd.DataFrame, family: int) -> AgainstMembers:
    means = members.groupby("seed")[["test_accuracy", "test_loss"]].mean()
    runs = study.cell(model, arm)
    means = means[means.index.isin(runs.index)]
    runs = runs.loc[means.index]
    gain, loss = ((runs[name] - means[name]).astype(float).dropna() for name in ("test_accuracy", "test_loss"))
    confidence = shared_confidence(study.sampling)
    return AgainstMembers(
        model, arm, int(members["member"].max()), float(runs["test_accuracy"].mean()),
        float(means["test_accuracy"].mean()), paired_interval(gain, family, confidence), int((gain > 0).sum()),
        paired_interval(loss, family, confidence),
    )  # fmt: skip
