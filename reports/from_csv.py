"""A study from anybody's runs, in the form of runs.csv."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ablations.arms import BASELINE
from reports.study import MORE_COLUMNS, RUN_COLUMNS, ArmCard, Study

NEEDED = ("arm", "seed", "test_accuracy")
STATUSES = ("finished", "diverged", "failed", "missing")
NUMBERS = (
    "train_accuracy", "train_accuracy_clean", "val_accuracy", "test_accuracy", "gap", "test_loss", "epochs", "seconds",
    "parameters", "macs",
)  # fmt: skip


class BadRuns(ValueError):
    """A file of runs that cannot be analysed: one line with the file, the line, the rule and the cure."""


def read_runs(path: Path, name: str, margin: float = 1.0) -> Study:
    """Reads runs in the form of runs.csv: `arm`, `seed` and `test_accuracy` (percent) are needed, the baseline's arm is
    `baseline`; `train_accuracy`, `model`, `status` and the other columns are used where present.

    The gap, where it is not given, is training less test accuracy. Raises BadRuns.
    """
    frame = _read(path)
    _refuse_missing_columns(frame, path)
    runs = _completed(_numbers(frame, path))
    _refuse_bad_rows(runs, path)
    cells = runs[["arm", "factor", "level", "model"]].drop_duplicates(["arm", "model"]).astype(object).fillna("")
    arms = tuple(ArmCard(str(c.arm), str(c.factor), str(c.level), str(c.model)) for c in cells.itertuples())
    return Study(name, "", margin, runs, arms, provenance={"Runs from": path.name})


def _read(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)
    except pd.errors.EmptyDataError:
        raise BadRuns(f"{path}: the file is empty; it needs the columns {', '.join(NEEDED)}") from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise BadRuns(f"{path}: cannot be read as CSV ({' '.join(str(error).split())})") from None
    if frame.empty:
        raise BadRuns(f"{path}: there are no runs in it, only a header")
    return frame


def _refuse_missing_columns(frame: pd.DataFrame, path: Path) -> None:
    missing = [column for column in NEEDED if column not in frame]
    if missing:
        raise BadRuns(
            f"{path}:1: the column {missing[0]!r} is missing; needed are {', '.join(NEEDED)}, "
            f"there are {', '.join(map(str, frame))}"
        )


def _numbers(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    frame = frame.copy()
    for column in [*NUMBERS, "seed"]:
        if column in frame:
            numbers = pd.to_numeric(frame[column].replace("", np.nan), errors="coerce")
            bad = numbers.isna() & ~frame[column].str.lower().isin(["", "nan", "na"])
            if bad.any():
                raise BadRuns(f"{path}:{_line(bad)}: {column}: must be a number, not {frame[column][bad].iloc[0]!r}")
            frame[column] = numbers
    return frame


def _completed(frame: pd.DataFrame) -> pd.DataFrame:
    """All the columns there are, with what can be said where one was not given."""
    given = frame.get("status", pd.Series("", index=frame.index))
    frame = frame.assign(status=given.replace("", "finished"))
    frame["model"] = frame.get("model", pd.Series("model", index=frame.index))
    frame = frame.reindex(columns=[*RUN_COLUMNS, *MORE_COLUMNS])
    frame["gap"] = frame["gap"].astype(float).fillna(frame["train_accuracy"].astype(float) - frame["test_accuracy"])
    return frame.astype({name: float for name in NUMBERS})


def _refuse_bad_rows(runs: pd.DataFrame, path: Path) -> None:
    finished = runs["status"] == "finished"
    rules = [
        (~runs["status"].isin(STATUSES), f"status must be one of {', '.join(STATUSES)}"),
        (runs["seed"].isna() | (runs["seed"] % 1 != 0), "seed must be a whole number"),
        (finished & ~np.isfinite(runs["test_accuracy"]), "a finished run needs a test_accuracy; else give its status"),
        (runs["test_accuracy"].lt(0) | runs["test_accuracy"].gt(100), "test_accuracy is in percent, 0 to 100"),
        (runs.duplicated(["model", "arm", "seed"]), "this arm and seed stand twice for one model; keep one run"),
        (runs["arm"].eq(""), "an arm needs a name"),
    ]
    for broken, rule in rules:
        if broken.any():
            raise BadRuns(f"{path}:{_line(broken)}: {rule}")
    for model, arms in runs.groupby("model")["arm"]:
        if BASELINE not in set(arms):
            there = ", ".join(sorted(set(arms)))
            raise BadRuns(f"{path}: {model} has no arm named {BASELINE!r} to compare with; there are {there}")
    runs["seed"] = runs["seed"].astype(int)


def _line(broken: pd.Series) -> int:
    """The line of the first broken row; the header is line 1."""
    return int(np.flatnonzero(broken.to_numpy())[0]) + 2
