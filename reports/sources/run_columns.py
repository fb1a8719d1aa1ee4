"""The columns of anybody's runs: text as text, numbers as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ablations.measures import MEASURES
from modules.names import unknown
from reports.sources.bad_runs import BadRuns, Lines, brief, cells_that_are
from reports.sources.run_rules import ACCURACIES, NAMES, PERCENTAGES, SEED_RULE, Columns, refuse_broken_rules

NEEDED = ("arm", "seed", "test_accuracy")
STATUSES = ("finished", "diverged", "failed", "missing")
NUMBERS = ("seed", *MEASURES)
TEXTS = (*NAMES, "status", "run_id", "fingerprint", "reason")
MODEL = "model"
"""What is trained, where nobody says."""
NOTHING = ("", "nan", "na", "n/a", "none", "null")


def checked_columns(frame: pd.DataFrame, source: str) -> Columns:
    """The known columns of a frame that it has, as arrays of floats and of text; raises BadRuns.

    `source` and the frame's index say in a message where a row stands.
    """
    _refuse_headings(list(map(str, frame)), source)
    if not len(frame):
        raise BadRuns(f"{source}: there are no runs in it, only a header")
    lines = Lines(source, frame.index.tolist())
    columns = {name: _texts(frame[name]) for name in TEXTS if name in frame}
    columns |= {name: _numbers(frame[name], lines) for name in NUMBERS if name in frame}
    _refuse_fractions(frame, columns, lines)
    columns["status"] = _statuses(columns, lines)
    columns["model"] = np.array([name or MODEL for name in columns.get("model", [""] * len(frame))], dtype=object)
    refuse_broken_rules(columns, lines)
    return columns


def _refuse_headings(names: Sequence[str], source: str) -> None:
    for name in NEEDED:
        if name not in names:
            needed, there = ", ".join(NEEDED), ", ".join(map(brief, names))
            raise BadRuns(f"{source}:1: the column {name!r} is missing; needed are {needed}, there are {there}")
    for name in (*NUMBERS, *TEXTS):
        if names.count(name) > 1:
            raise BadRuns(f"{source}:1: the column {name!r} stands twice; leave one out")


def _texts(cells: pd.Series) -> np.ndarray:
    """Without the blanks around it; nothing is an empty text."""
    return np.array([cell.strip() if isinstance(cell, str) else _other(cell) for cell in cells.tolist()], dtype=object)


def _other(cell: Any) -> str:
    return "" if pd.isna(cell) else str(cell)


def _numbers(cells: pd.Series, lines: Lines) -> np.ndarray:
    """As floats; nothing is not a number."""
    name = str(cells.name)
    if pd.api.types.is_numeric_dtype(cells.dtype):
        values = cells.to_numpy(float, na_value=np.nan)
    else:
        given = cells.to_numpy(object)
        read = _percentage if name in PERCENTAGES else _number
        values = np.array([read(cell) for cell in given.tolist()], dtype=float)
        rule = SEED_RULE if name == "seed" else "must be a number, such as 87.3, or an empty cell"
        lines.refuse(np.array([_is_text(cell) for cell in given.tolist()]) & np.isnan(values), name, rule, given)
    lines.refuse(np.isinf(values), name, "must be finite; leave the cell empty where there is no number")
    return values


def _number(cell: Any) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError):
        return np.nan


def _percentage(cell: Any) -> float:
    """A number, with or without the sign %."""
    return _number(cell.strip().removesuffix("%") if isinstance(cell, str) else cell)


def _is_text(cell: Any) -> bool:
    """Whether a cell says something; if it is no number, it says something else."""
    return isinstance(cell, str) and cell.strip().lower() not in NOTHING


def _refuse_fractions(frame: pd.DataFrame, columns: Columns, lines: Lines) -> None:
    """Of a thousand classes, even percentages may all be below 1; the sign % tells them from fractions."""
    for name in ACCURACIES:
        values = columns.get(name, np.zeros(1))
        if 0 < np.nanmax(values, initial=0) <= 1 and not frame[name].map(_signed).any():
            rule = "no value is above 1: these are fractions; accuracies are in percent, so multiply them by 100"
            lines.refuse(~np.isnan(values), name, f"{rule} (or, if they are percentages, write them as 0.5%)")


def _signed(cell: Any) -> bool:
    return isinstance(cell, str) and cell.strip().endswith("%")


def _statuses(columns: Columns, lines: Lines) -> np.ndarray:
    """As given; a run that says nothing of it has finished."""
    if "status" not in columns:
        return np.full(len(columns["arm"]), "finished", dtype=object)
    status = np.array([cell.lower() or "finished" for cell in columns["status"]], dtype=object)
    for given in dict.fromkeys(status.tolist()):
        if given not in STATUSES:
            lines.refuse(
                cells_that_are(given, status),
                "status",
                f"{unknown('status', given, STATUSES)}; leave it empty where a run has finished",
            )
    return status
