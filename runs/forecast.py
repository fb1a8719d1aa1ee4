"""How long the runs that are missing will take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import mean
from typing import NamedTuple

from ablations.factors import recipe_from_data
from modules.workload import image_passes
from runs.plan import Run
from runs.records import Record

Alike = tuple[str, str, str]
"""What runs have in common that take equally long: arm, the architecture that it is compared on, the network that it
trains."""


class Pace(NamedTuple):
    """How long runs of an arm take."""

    seconds: float
    per_image: float
    """Seconds for each image that goes forth and back."""


def forecasts(batches: Sequence[Iterable[Run]], recorded: Iterable[Record], slots: int) -> list[float]:
    """Seconds that each batch of missing runs takes: as recorded of their arm, else by what is to be trained as
    recorded of their network, else by a trial, one of a network for all batches."""
    by_arm: dict[Alike, list[Record]] = defaultdict(list)
    for record in recorded:
        by_arm[record["arm"], record["model"], record["recipe"]["model"]["name"]].append(record)
    known = {cell: _pace(records) for cell, records in by_arm.items()}
    return [sum(_seconds(run, known) for run in missing) / slots for missing in batches]


def _pace(records: list[Record]) -> Pace:
    """Of the records of one arm, whose recipe is the same."""
    seconds = mean(record["ended"] - record["started"] for record in records)
    return Pace(seconds, seconds / image_passes(recipe_from_data(records[0]["recipe"])))


def _seconds(run: Run, known: dict[Alike, Pace]) -> float:
    network, passes = run.recipe.model.name, image_passes(run.recipe)
    cell = (run.planned.arm.name, run.planned.model, network)
    if cell not in known:
        alike = [pace.per_image for (_, _, other), pace in known.items() if other == network]
        seconds = mean(alike) * passes if alike else _tried(run)
        known[cell] = Pace(seconds, seconds / passes)
    return known[cell].seconds


def _tried(run: Run) -> float:
    from modules.trial import training_seconds

    return training_seconds(run.recipe)
