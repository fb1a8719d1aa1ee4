"""The rules that anybody's runs must keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from ablations.arms import BASELINE, SHAM
from ablations.measures import MEASURES, POINTS
from modules.names import nearest
from reports.sources.bad_runs import UNFIT, BadRuns, Lines, brief, cells_that_are
from reports.study import COUNTS

ACCURACIES = ("test_accuracy", "train_accuracy", "train_accuracy_clean", "val_accuracy")
PERCENTAGES = tuple(name for name, one in MEASURES.items() if one.unit == POINTS and not one.ratio and name != "gap")
NAMES = ("arm", "model", "factor", "level")
LONGEST_NAME = 120
LARGEST = 2**53
"""Of seeds and counts; beyond it, whole numbers that are read as floats may no longer be told apart."""
SEED_RULE = "must be a whole number from 0 to 2**53"

Columns: TypeAlias = dict[str, np.ndarray]


def refuse_broken_rules(columns: Columns, lines: Lines) -> None:
    """Raises BadRuns for the first row that breaks one, or for runs of which none can be compared."""
    _refuse_names(columns, lines)
    _refuse_numbers(columns, lines)
    _refuse_twice(columns, lines)
    _refuse_uncompared(columns, lines.source)


def _refuse_names(columns: Columns, lines: Lines) -> None:
    lines.refuse(columns["arm"] == "", "arm", "an arm needs a name")
    rules: Mapping[str, Callable[[str], object]] = {
        f"a name has at most {LONGEST_NAME} characters": lambda text: len(text) > LONGEST_NAME,
        "a name is one line without control or invisible characters": UNFIT.search,
    }
    for column in NAMES:
        for name in dict.fromkeys(columns.get(column, ())):
            for rule, broken in rules.items():
                if broken(name):
                    lines.refuse(cells_that_are(name, columns[column]), column, rule, columns[column])


def _refuse_numbers(columns: Columns, lines: Lines) -> None:
    seed, accuracy = columns["seed"], columns["test_accuracy"]
    whole = (seed >= 0) & (seed <= LARGEST) & (seed % 1 == 0)
    lines.refuse(~whole, "seed", SEED_RULE, seed)
    unsaid = np.isnan(accuracy) & (columns["status"] == "finished")
    lines.refuse(unsaid, "test_accuracy", "a finished run needs one; otherwise give its status, failed or diverged")
    for name in PERCENTAGES:
        if name in columns:
            lines.refuse(np.abs(columns[name] - 50) > 50, name, "must be a percentage, 0 to 100", columns[name])
    if "gap" in columns:
        lines.refuse(np.abs(columns["gap"]) > 100, "gap", "must be in points, -100 to 100", columns["gap"])
    for name in ("seconds", "peak_memory_mb", *COUNTS):
        if name in columns:
            lines.refuse(columns[name] < 0, name, "must be at least 0", columns[name])
    for name in COUNTS:
        if name in columns:
            lines.refuse(columns[name] > LARGEST, name, "must be a number of things, at most 2**53", columns[name])


def _refuse_twice(columns: Columns, lines: Lines) -> None:
    seen: dict[tuple[Any, ...], Any] = {}
    cells = zip(columns["model"].tolist(), columns["arm"].tolist(), columns["seed"].tolist(), strict=True)
    for row, cell in enumerate(cells):
        first = seen.setdefault(cell, row)
        if first != row:
            again = np.arange(len(columns["arm"])) == row
            lines.refuse(again, "seed", f"{_run(cell)} stands already in line {lines.numbers[first]}; keep one of both")


def _run(cell: tuple[Any, ...]) -> str:
    model, arm, seed = cell
    return f"{brief(arm)} on {brief(model)} under seed {seed:.0f}"


def _refuse_uncompared(columns: Columns, source: str) -> None:
    arms: dict[str, set[str]] = {}
    for model, arm in zip(columns["model"].tolist(), columns["arm"].tolist(), strict=True):
        arms.setdefault(model, set()).add(arm)
    for model, names in arms.items():
        _refuse_other_sham(model, names, source)
        if BASELINE not in names:
            advice = nearest(BASELINE, names)
            raise BadRuns(f"{source}: {brief(model)} has no arm named {BASELINE!r} to compare with; {advice[:200]}")
    if set.union(*arms.values()) == {BASELINE}:
        raise BadRuns(f"{source}: {BASELINE!r} is the only arm; there is nothing to compare with it")


def _refuse_other_sham(model: str, names: set[str], source: str) -> None:
    """A control in another spelling would be judged as an arm, and share the level with those that are."""
    other = next((name for name in sorted(names) if name.lower() == SHAM), SHAM)
    if SHAM not in names and other != SHAM:
        raise BadRuns(f"{source}: {brief(model)} has an arm named {other!r}; the control is written {SHAM!r}")
