"""How long the runs that are missing will take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import mean

from ablations.factors import recipe_from_data
from modules.workload import image_passes
from runs.plan import Run
from runs.records import Record

Alike = tuple[str, str, str]
"""What runs have in common that take equally long for an image: arm, the architecture that it is compared on, the
network that it trains."""


class Paces:
    """How fast runs of each arm went."""

    def __init__(self) -> None:
        self._seconds: dict[Alike, float] = defaultdict(float)
        self._passes: dict[Alike, int] = defaultdict(int)

    def learn(self, alike: Alike, seconds: float, passes: int) -> None:
        """A run took so long, in which so many images went forth and back."""
        self._seconds[alike] += seconds
        self._passes[alike] += passes

    def seconds(self, run: Run) -> float | None:
        """What a run takes, as is known of its arm, else by what is to be trained as is known of its network; None
        where nothing is known of either."""
        own = alike(run)
        there = [own] if own in self._passes else [other for other in self._passes if other[2] == own[2]]
        if not there:
            return None
        return mean(self._seconds[one] / self._passes[one] for one in there) * image_passes(run.recipe)


def alike(run: Run) -> Alike:
    return (run.planned.arm.name, run.planned.model, run.recipe.model.name)


def forecasts(batches: Sequence[Iterable[Run]], recorded: Iterable[Record], slots: int) -> list[float]:
    """Seconds that each batch of missing runs takes: as recorded of their arm or their network, else by a trial, one
    of a network for all batches."""
    paces = _paces(recorded)
    return [sum(_seconds(run, paces) for run in missing) / slots for missing in batches]


def _paces(recorded: Iterable[Record]) -> Paces:
    """Of records, of which those of one arm have the same recipe."""
    paces, passes = Paces(), dict[Alike, int]()
    for record in recorded:
        cell = (record["arm"], record["model"], record["recipe"]["model"]["name"])
        if cell not in passes:
            passes[cell] = image_passes(recipe_from_data(record["recipe"]))
        paces.learn(cell, record["ended"] - record["started"], passes[cell])
    return paces


def _seconds(run: Run, paces: Paces) -> float:
    seconds = paces.seconds(run)
    if seconds is None:
        from modules.trial import training_seconds

        seconds = training_seconds(run.recipe)
        paces.learn(alike(run), seconds, image_passes(run.recipe))
    return seconds


def duration(seconds: float) -> str:
    """Rounded as people say it."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
