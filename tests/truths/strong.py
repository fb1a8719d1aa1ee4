"""Facts that are strong enough to show on a few hundred digits: measured by `ablate run`, read from its report."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tests.truths.truth import Truth

HERE = Path(__file__).parent
CHANCE = 10.0


class Report(NamedTuple):
    """What an ablation left."""

    runs: pd.DataFrame
    effects: pd.DataFrame
    members: pd.DataFrame | None

    @classmethod
    def of(cls, folder: Path) -> "Report":
        members = folder / "members.csv"
        runs, effects = pd.read_csv(folder / "runs.csv"), pd.read_csv(folder / "effects.csv").set_index("arm")
        return cls(runs, effects, pd.read_csv(members) if members.exists() else None)

    def by_seed(self, arm: str, measure: str = "test_accuracy") -> pd.Series:
        return self.runs[self.runs["arm"] == arm].set_index("seed")[measure]

    def effect(self, arm: str) -> str:
        """An effect on test accuracy with its simultaneous interval, in points."""
        one = self.effects.loc[arm]
        return f"{one['effect']:+.1f} ({one['low']:+.1f} to {one['high']:+.1f})"


def small_weights_do_not_train(report: Report) -> Iterator[Truth]:
    he, small = report.by_seed("baseline"), report.by_seed("init")
    measured = f"{small.mean():.1f} % against {he.mean():.1f} %; {report.effect('init')}"
    holds = small.max() < CHANCE + 2 and he.min() > 80
    yield Truth("10 ReLU layers from N(0, .01) stay at chance, He's train", measured, "each < 12, > 80", holds)


def batchnorm_bears_ten_times_the_rate(report: Report) -> Iterator[Truth]:
    dead, slower = report.by_seed("baseline"), report.by_seed("a tenth of the rate")
    arm = "batchnorm at ten times the rate"
    low = report.effects.loc[arm, "low"]
    measured = f"{slower.mean():.1f} % at a tenth, {dead.mean():.1f} %, with batch norm {report.effect(arm)}"
    holds = bool(dead.max() < 2 * CHANCE < slower.mean() and low > 0)
    yield Truth("Batch norm trains at 10 x the rate that kills the plain net", measured, "interval above 0", holds)


def the_gap_shrinks_with_data(report: Report) -> Iterator[Truth]:
    arms = ["baseline", *(f"train_size images={count}" for count in (100, 200, 400, 800))]
    gaps = [report.by_seed(arm, "gap").mean() for arm in arms]
    measured = ", ".join(f"{gap:.1f}" for gap in gaps)
    holds = all(gap > following for gap, following in itertools.pairwise(gaps))
    yield Truth("The clean gap shrinks with n = 50, 100, 200, 400, 800", measured, "each below the last", holds)


def ensembles_and_dropout(report: Report) -> Iterator[Truth]:
    effect = report.effects.loc["dropout", "effect"]
    yield Truth("Dropout .5 at 20 % label noise", report.effect("dropout"), "at least +4", bool(effect >= 4))
    assert report.members is not None
    means = report.members[report.members["arm"] == "ensemble"].groupby("seed")["test_accuracy"].mean()
    gain = report.by_seed("ensemble") - means
    measured = f"{gain.mean():+.1f} on average; above in {(gain > 0).sum()} of {len(gain)} seeds"
    yield Truth("An ensemble of 5 is above its members' mean", measured, "in every seed", bool((gain > 0).all()))


SPECS = {
    str(HERE / "deep-init.yaml"): small_weights_do_not_train,
    str(HERE / "learning-rate.yaml"): batchnorm_bears_ten_times_the_rate,
    "data-size": the_gap_shrinks_with_data,
    "ensembles": ensembles_and_dropout,
}
"""Ablations, and what their reports must show."""
