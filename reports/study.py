"""A study: everything a report is made from, as plain values and tidy frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ablations.arms import BASELINE, SHAM
from ablations.designs import TOGETHER
from ablations.edit import Edit
from ablations.spec import Claim
from runs.trials import Found

RUN_COLUMNS = [
    "run_id", "fingerprint", "arm", "factor", "level", "model", "seed", "status", "train_accuracy",
    "train_accuracy_clean", "val_accuracy", "test_accuracy", "gap", "test_loss", "epochs", "seconds", "parameters",
    "macs",
]  # fmt: skip
"""The columns of runs.csv, which others read."""
MORE_COLUMNS = ["reason", "checkpoint_epoch"]
"""What is known of a run beyond them: why it failed, and the epoch whose weights were measured."""
MEMBER_COLUMNS = ["model", "arm", "seed", "member", "test_accuracy", "test_loss"]
"""The columns of members.csv."""
CURVE_COLUMNS = ["model", "arm", "seed", "epoch", "measure", "value"]


@dataclass(frozen=True)
class ArmCard:
    """What is known of an arm before it is run."""

    name: str
    factor: str
    level: str
    model: str
    differs: tuple[str, ...] = ()
    """The proved differences from the baseline."""
    switched: tuple[Edit, ...] = ()
    """The edits in which it differs from the baseline; not known of anybody's runs."""
    own: Mapping[str, Any] = field(default_factory=dict)
    """The settings that a single edit would have in the baseline, where they are known."""

    @property
    def parts(self) -> frozenset[Edit | str]:
        """What is switched; of anybody's runs, the names that the arm's own is made of."""
        return frozenset(self.switched) or frozenset(self.name.split(TOGETHER))


@dataclass(frozen=True)
class FactorCard:
    """What is known of a factor before anything is run."""

    name: str
    about: str
    source: str
    expect: str
    """What the literature found."""
    pitfall: str
    """What people get wrong."""


@dataclass(frozen=True, eq=False)
class Study:
    """What was asked, what was run, what came out."""

    name: str
    question: str
    margin: float
    """The smallest difference that matters, in points, declared before the runs."""
    runs: pd.DataFrame
    """RUN_COLUMNS and MORE_COLUMNS; one row per planned run, with the status finished, diverged, failed or missing."""
    arms: tuple[ArmCard, ...]
    """In the order of the plan: the baseline first, the sham last; per model."""
    factors: tuple[FactorCard, ...] = ()
    """In the order of the plan, the sham last; nothing is known of those of anybody's runs."""
    full_set: tuple[str, ...] = ()
    """The factors that are on in the baseline, where arms leave them out."""
    claims: tuple[Claim, ...] = ()
    curves: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CURVE_COLUMNS))
    """Long form, one row per model, arm, seed, epoch and measure."""
    members: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=MEMBER_COLUMNS))
    """Of ensembles, one row per member of a run."""
    searches: tuple[Found, ...] = ()
    """What the search of each arm came to, where settings were tuned."""
    provenance: dict[str, str] = field(default_factory=dict)
    """What it takes to do it again: label -> text."""
    chance: float | None = None
    """Accuracy of guessing, in percent."""
    trouble: str | None = None
    """Why the numbers are not from the shared tracker, where they are not."""

    @property
    def models(self) -> list[str]:
        return list(dict.fromkeys(self.runs["model"]))

    @property
    def tested(self) -> list[str]:
        """The declared family: all arms but the baseline and the sham, which is a control."""
        return [name for name in dict.fromkeys(self.runs["arm"]) if name not in (BASELINE, SHAM)]

    @property
    def family(self) -> int:
        """How many intervals hold together: arms times architectures."""
        return max(1, len(self.tested) * len(self.models))

    def cell(self, model: str, arm: str) -> pd.DataFrame:
        """The runs of an arm on a model that left numbers, by seed."""
        runs = self.runs
        chosen = runs[(runs["model"] == model) & (runs["arm"] == arm) & runs["status"].isin(["finished", "diverged"])]
        return chosen.set_index("seed")
