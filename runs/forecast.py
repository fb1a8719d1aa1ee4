"""How long the runs that are missing will take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import mean

from runs.plan import Run
from runs.records import Record


def forecast(missing: Iterable[Run], recorded: Iterable[Record], slots: int) -> float:
    """Seconds until the missing runs are done: as recorded of their arm, else of any, else by a short trial."""
    by_arm: dict[tuple[str, str], list[float]] = defaultdict(list)
    for record in recorded:
        by_arm[record["arm"], record["model"]].append(record["ended"] - record["started"])
    known = {cell: mean(seconds) for cell, seconds in by_arm.items()}
    return sum(_seconds(run, known) for run in missing) / slots


def _seconds(run: Run, known: dict[tuple[str, str], float]) -> float:
    cell = (run.planned.arm.name, run.planned.model)
    of_model = [seconds for (_, model), seconds in known.items() if model == run.planned.model]
    if cell not in known:
        known[cell] = mean(of_model) if of_model else _tried(run)
    return known[cell]


def _tried(run: Run) -> float:
    from modules.trial import training_seconds

    return training_seconds(run.recipe)
