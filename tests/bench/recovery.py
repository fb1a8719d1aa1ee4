"""What the death of a worker costs: one of two is killed in the middle of a run that takes a known time."""

import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from runs.events import Began, Died, Event
from runs.execute import Listener
from runs.home import Home
from runs.work import Train
from tests.bench.carrying import carried_out, made_plan
from tests.bench.made import LENGTH, dying_once, waiting
from tests.bench.peers import span_of

SEEDS = 4
DEADLY = 1
ROUNDS = 3
NAME = "recovery"


class Death(NamedTuple):
    """Seconds of a plan under which a worker died, and seconds from then."""

    span: float
    noticed: float
    retaken: float
    """Until somebody has begun the lost run again."""
    replaced: float
    """Until the dead one's successor has begun a run."""


def recovery() -> Iterator[tuple[str, str, str]]:
    """Medians of a few deaths, each against the same plan without one right before it."""
    calm, deaths = zip(*((_undisturbed(), _death()) for _ in range(ROUNDS)), strict=True)
    more = median(death.span - before for death, before in zip(deaths, calm, strict=True))
    yield f"kill -9 of one of two workers, median of {ROUNDS}: more wall time", f"{more:.2f} s", ""
    yield "  without the part of the run that was lost", f"{more - LENGTH / 2:.2f} s", "under 2 s"
    yield "  until it is noticed", f"{median(death.noticed for death in deaths):.2f} s", ""
    yield "  until the successor has begun a run", f"{median(death.replaced for death in deaths):.2f} s", ""
    yield "  until the lost run is begun again", f"{median(death.retaken for death in deaths):.2f} s", ""


def _undisturbed() -> float:
    with tempfile.TemporaryDirectory() as folder:
        return _seconds(folder, waiting, lambda *_: None)


def _death() -> Death:
    heard: list[tuple[float, Event]] = []
    with tempfile.TemporaryDirectory() as folder:
        mark = Path(folder) / "killed"
        train = partial(dying_once, mark, DEADLY)
        span = _seconds(folder, train, lambda event, _: heard.append((time.time(), event)))
        killed = float(mark.read_text())
    known = {event.worker for when, event in heard if isinstance(event, Began) and when < killed}
    noticed, begun = (_after(killed, heard, kind) for kind in (Died, Began))
    retaken = next(when for when, event in begun if event.claim.attempt > 1)
    replaced = next(when for when, event in begun if event.worker not in known)
    return Death(span, noticed[0][0], retaken, replaced)


def _after(killed: float, heard: list[tuple[float, Event]], kind: type) -> list[tuple[float, Event]]:
    """The events of a kind since then, by the seconds until they were heard of."""
    return [(when - killed, event) for when, event in heard if isinstance(event, kind) and when >= killed]


def _seconds(folder: str, train: Train, listener: Listener) -> float:
    """Seconds from the start of the first run to the end of the last."""
    summary = carried_out(made_plan(NAME, SEEDS, 1), Home.at(folder), train, listener)
    return span_of(list(summary.done.values()))
