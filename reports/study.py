"""A study: everything a report is made from, as plain values and tidy frames."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ablations.arms import BASELINE, SHAM
from ablations.designs import TOGETHER
from ablations.edit import Edit
from ablations.seeds import Looks, Stein
from ablations.spec import Claim
from runs.checking import CheckRecord
from runs.records import DONE
from runs.trials import Found

RUN_COLUMNS = [
    "run_id", "fingerprint", "arm", "factor", "level", "model", "seed", "status", "train_accuracy",
    "train_accuracy_clean", "val_accuracy", "test_accuracy", "gap", "test_loss", "epochs", "seconds", "parameters",
    "macs",
]  # fmt: skip
"""The first columns of runs.csv, which others read."""
MORE_COLUMNS = ["reason", "checkpoint_epoch", "commit", "other_code"]
"""What is known of a run beyond them: why it failed, the epoch whose weights were measured, the commit of the code that
trained it, and whether that was other code than planned."""
COUNTS = ("epochs", "parameters", "macs", "checkpoint_epoch")
"""Those that are whole numbers."""
MEMBER_COLUMNS = ["model", "arm", "seed", "member", "test_accuracy", "test_loss"]
"""The columns of members.csv."""
CURVE_COLUMNS = ["model", "arm", "seed", "epoch", "measure", "value"]
PROBE_COLUMNS = ["model", "arm", "seed", "moment", "number", "layer", "measure", "value"]
"""Where `number` counts the layers from 1."""


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
    cites: tuple[str, ...] = ()
    """Keys of the papers that it names, in `ablations.references`."""


@dataclass(frozen=True, eq=False)
class Study:
    """What was asked, what was run, what came out."""

    name: str
    question: str
    margin: float
    """The smallest difference that matters, in points, declared before the runs."""
    runs: pd.DataFrame
    """RUN_COLUMNS, MORE_COLUMNS and further measures; one row per planned run, with the status finished,
    diverged, failed or missing."""
    arms: tuple[ArmCard, ...]
    """In the order of the plan: the baseline first, the sham last; per model."""
    factors: tuple[FactorCard, ...] = ()
    """In the order of the plan, the sham last; nothing is known of those of anybody's runs."""
    full_set: tuple[str, ...] = ()
    """The factors that are on in the baseline, where arms leave them out."""
    claims: tuple[Claim, ...] = ()
    checks: Mapping[str, CheckRecord] = field(default_factory=dict)
    """What came of the exact facts that claims name, by name, as far as they were carried out."""
    score: str = "accuracy"
    """What the columns that are named accuracy hold: another score where the task is another than classification."""
    curve: str = ""
    """What the accuracies of curves are; empty where they are the score, as with all but detectors."""
    curves: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CURVE_COLUMNS))
    """Long form, one row per model, arm, seed, epoch and measure."""
    probes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PROBE_COLUMNS))
    """Spreads at every layer, where they were noted: long form, one row per model, arm, seed, moment (`start`, `end`),
    layer and measure (`activations`, `gradients`)."""
    members: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=MEMBER_COLUMNS))
    """Of ensembles, one row per member of a run."""
    sights: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """By model and arm, images of the first seed with what was found in them, where its runs left some."""
    searches: tuple[Found, ...] = ()
    """What the search of each arm came to, where settings were tuned."""
    provenance: dict[str, str] = field(default_factory=dict)
    """What it takes to do it again: label -> text."""
    chance: float | None = None
    """Accuracy of guessing, in percent."""
    sampling: Looks | Stein | None = None
    """The rule by which seeds were added, declared before the runs; none where every arm has all of them."""
    trouble: str | None = None
    """Why the numbers are not from the shared tracker, where they are not."""

    @property
    def ours(self) -> bool:
        """Whether it was planned and carried out here, and not read from anybody's file."""
        return "Again" in self.provenance

    @cached_property
    def models(self) -> list[str]:
        return list(dict.fromkeys(self.runs["model"]))

    @cached_property
    def arm_names(self) -> list[str]:
        return list(dict.fromkeys(self.runs["arm"]))

    @cached_property
    def comparable(self) -> list[str]:
        """The models whose baseline left a test accuracy; on the others there is nothing to compare with."""
        return [model for model in self.models if not math.isnan(self.mean("test_accuracy", model, BASELINE))]

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The place of each arm among `arm_names`."""
        return {name: row for row, name in enumerate(self.arm_names)}

    @cached_property
    def seeds(self) -> list[int]:
        """In ascending order, which is the order in which declared looks take them."""
        return sorted(set(self.runs["seed"].tolist()))

    @property
    def tested(self) -> list[str]:
        """The declared family: all arms but the baseline and the sham, which is a control."""
        return [name for name in self.arm_names if name not in (BASELINE, SHAM)]

    @cached_property
    def family(self) -> int:
        """How many intervals hold together: arms times architectures."""
        return max(1, sum(arm not in (BASELINE, SHAM) for _, arm in self._planned))

    @cached_property
    def _planned(self) -> set[tuple[str, str]]:
        return set(zip(self.runs["model"], self.runs["arm"], strict=True))

    def has(self, model: str, arm: str) -> bool:
        """Whether any run of it was planned."""
        return (model, arm) in self._planned

    def cell(self, model: str, arm: str) -> pd.DataFrame:
        """The runs of an arm on a model that left numbers, by seed."""
        rows = self._rows.get((model, arm), [])
        return self.runs.iloc[rows].set_index("seed")

    def grid(self, measure: str) -> np.ndarray:
        """One number of every run that left any, models x arms x seeds; not a number where there is none.

        In the order of `models`, `arm_names` and `seeds`.
        """
        rows, places = self._places
        values = np.full(self._shape, np.nan)
        values[places] = self.runs[measure].to_numpy(float, na_value=np.nan)[rows]
        return values

    def count(self, model: str, arm: str) -> int:
        """Runs of an arm that left numbers."""
        return int(self.left[self.models.index(model), self.row_of[arm]].sum())

    def mean(self, measure: str, model: str, arm: str) -> float:
        """Over the runs of an arm that left the number; not a number where none did."""
        if measure not in self._means:
            grid = self.grid(measure)
            counts = np.isfinite(grid).sum(axis=2)
            self._means[measure] = np.where(counts, np.nansum(grid, axis=2) / np.maximum(counts, 1), np.nan)
        return float(self._means[measure][self.models.index(model), self.row_of[arm]])

    @cached_property
    def _means(self) -> dict[str, np.ndarray]:
        """Models x arms, by measure, as far as they were asked for."""
        return {}

    @cached_property
    def left(self) -> np.ndarray:
        """Which runs left numbers, in the form of a grid."""
        return self._with_status(*DONE)

    @cached_property
    def diverged(self) -> np.ndarray:
        """Which runs diverged, in the form of a grid."""
        return self._with_status("diverged")

    @cached_property
    def settled(self) -> np.ndarray:
        """Which runs were carried out, whatever came of them, in the form of a grid."""
        return self._with_status("finished", "diverged", "failed")

    def _with_status(self, *status: str) -> np.ndarray:
        found = np.zeros(self._shape, bool)
        found[self._placed(np.flatnonzero(self.runs["status"].isin(status)))] = True
        return found

    def carried_out(self, model: str, arm: str, seeds: int | None) -> bool:
        """Whether the first so many seeds, or all, were run with an arm and the baseline, whatever came of them."""
        rows = [self.row_of[arm], self.row_of[BASELINE]]
        wanted = self.settled[self.models.index(model), rows, :seeds]
        return bool(wanted.all()) and wanted.shape[1] >= (seeds or 0)

    @property
    def _shape(self) -> tuple[int, int, int]:
        return len(self.models), len(self.arm_names), len(self.seeds)

    @cached_property
    def _places(self) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """The rows of runs that left numbers, and their places in the grid."""
        rows = np.flatnonzero(self.runs["status"].isin(DONE))
        return rows, self._placed(rows)

    def _placed(self, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        axes: dict[str, Sequence[Any]] = {"model": self.models, "arm": self.arm_names, "seed": self.seeds}
        chosen = self.runs.iloc[rows]
        return tuple(_codes(chosen[name].tolist(), known) for name, known in axes.items())

    @cached_property
    def _rows(self) -> dict[tuple[str, str], list[int]]:
        cells: dict[tuple[str, str], list[int]] = {}
        rows, (models, arms, _) = self._places
        for row, model, arm in zip(rows.tolist(), models.tolist(), arms.tolist(), strict=True):
            cells.setdefault((self.models[model], self.arm_names[arm]), []).append(row)
        return cells


def _codes(names: Sequence[Any], known: Sequence[Any]) -> np.ndarray:
    """The place of each name among those known."""
    place = {name: index for index, name in enumerate(known)}
    return np.array([place[name] for name in names], dtype=int)
