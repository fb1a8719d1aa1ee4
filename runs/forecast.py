"""How long the runs that are missing will take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import mean

from runs.plan import Run
from runs.records import Record

Cell = tuple[str, str, str]
"""Arm, the architecture that it is compared on, and the network that it trains."""


def forecast(missing: Iterable[Run], recorded: Iterable[Record], slots: int) -> float:
    """Seconds until the missing runs are done: as recorded of their arm, else of their network, else by a trial."""
    by_arm: dict[Cell, list[float]] = defaultdict(list)
    for record in recorded:
        cell = (record["arm"], record["model"], record["recipe"]["model"]["name"])
        by_arm[cell].append(record["ended"] - record["started"])
    known = {cell: mean(seconds) for cell, seconds in by_arm.items()}
    return sum(_seconds(run, known) for run in missing) / slots


def _seconds(run: Run, known: dict[Cell, float]) -> float:
    network = run.recipe.model.name
    cell = (run.planned.arm.name, run.planned.model, network)
    if cell not in known:
        alike = [seconds for (_, _, other), seconds in known.items() if other == network]
        known[cell] = mean(alike) if alike else _tried(run)
    return known[cell]


def _tried(run: Run) -> float:
    from modules.trial import training_seconds

    return training_seconds(run.recipe)
