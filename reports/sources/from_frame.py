"""A study from runs in memory: any frame with an arm, a seed and a test accuracy in every row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ablations.arms import BASELINE, SHAM
from ablations.claims import unknown_part
from ablations.measures import MEASURES
from modules.names import unknown
from reports.sources.bad_runs import BadRuns
from reports.sources.declared import Declared
from reports.sources.run_columns import NUMBERS, checked_columns
from reports.sources.run_rules import Columns
from reports.study import COUNTS, MORE_COLUMNS, RUN_COLUMNS, ArmCard, Study


def study_from_runs(
    frame: pd.DataFrame, name: str, declared: Declared | None = None, source: str = "runs", origin: str = ""
) -> Study:
    """Runs in the form of runs.csv, one a row: `arm`, `seed` and `test_accuracy` (percent) are needed, the baseline's
    arm is `baseline`; `train_accuracy`, `gap`, `model`, `status` and the other columns are used where present, further
    measures of `ablations.measures` too.

    The gap, where it is not given, is training less test accuracy. The order of rows means nothing. `source` and the
    frame's index say in a message where a row stands; `origin` says in the report where the runs are from. Raises
    BadRuns.
    """
    declared = declared or Declared()
    columns = checked_columns(frame, source)
    _refuse_unknown_claims(declared, columns, source)
    columns = _in_order(columns)
    unused = [column for column in map(str, frame) if column not in (*RUN_COLUMNS, *MORE_COLUMNS, *MEASURES)]
    said = [("Runs from", origin or source), ("Columns not used", ", ".join(unused))]
    return Study(
        name, declared.question, declared.margin, _completed(columns), _cards(columns), claims=declared.claims,
        chance=declared.chance, score=declared.score, sampling=declared.rule,
        provenance={label: text for label, text in said if text},
    )  # fmt: skip


def _refuse_unknown_claims(declared: Declared, columns: Columns, source: str) -> None:
    arms, models = (dict.fromkeys(columns[name].tolist()) for name in ("arm", "model"))
    for claim in declared.claims:
        if wrong := unknown_part(claim, arms, models):
            raise BadRuns(f"{source}: claims: {wrong[1]}")
        if claim.check:
            raise BadRuns(f"{source}: claims: check {claim.check!r} is carried out by `ablate run`; leave it out here")
        if claim.measure not in (there := _measured(columns)):
            raise BadRuns(f"{source}: claims: {unknown('column', claim.measure, there)}")


def _measured(columns: Columns) -> list[str]:
    """The columns of numbers that a study of these runs has."""
    return [name for name in NUMBERS if name in columns or name in (*RUN_COLUMNS, *MORE_COLUMNS)]


def _in_order(columns: Columns) -> Columns:
    """By model, arm and seed: models and arms by name, but the baseline first and the sham last."""
    names = set(columns["arm"].tolist())
    arms = [BASELINE, *sorted(names - {BASELINE, SHAM}), *({SHAM} & names)]
    order = np.lexsort((columns["seed"], _places(columns["arm"], arms), _places(columns["model"])))
    return {name: cells[order] for name, cells in columns.items()}


def _places(names: np.ndarray, order: Sequence[str] | None = None) -> np.ndarray:
    place = {name: index for index, name in enumerate(order or sorted(set(names.tolist())))}
    return np.array([place[name] for name in names.tolist()])


def _completed(columns: Columns) -> pd.DataFrame:
    """All the columns there are, with what can be said where one was not given."""
    count = len(columns["arm"])
    blank, nothing = np.full(count, "", dtype=object), np.full(count, np.nan)
    full = {
        name: columns.get(name, (nothing if name in NUMBERS else blank).copy())
        for name in dict.fromkeys([*RUN_COLUMNS, *MORE_COLUMNS, *_measured(columns)])
    }
    full["seed"] = full["seed"].astype(np.int64)
    full["gap"] = np.where(np.isnan(full["gap"]), full["train_accuracy"] - full["test_accuracy"], full["gap"])
    full["reason"][(full["reason"] == "") & (full["status"] == "failed")] = "no reason given"
    return pd.DataFrame({name: _counts(cells) if name in COUNTS else cells for name, cells in full.items()})


def _counts(values: np.ndarray) -> pd.arrays.IntegerArray | np.ndarray:
    """Whole numbers as such, so that they are written without a point."""
    unknown = np.isnan(values)
    whole = np.where(unknown, 0, values)
    return pd.arrays.IntegerArray(whole.astype(np.int64), unknown) if (whole % 1 == 0).all() else values


def _cards(columns: Columns) -> tuple[ArmCard, ...]:
    blank = [""] * len(columns["arm"])
    texts = (columns[name].tolist() if name in columns else blank for name in ("arm", "factor", "level", "model"))
    cards: dict[tuple[str, str], ArmCard] = {}
    for arm, factor, level, model in zip(*texts, strict=True):
        cards.setdefault((model, arm), ArmCard(arm, factor, level, model))
    return tuple(cards.values())
