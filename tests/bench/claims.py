"""What the queue costs a run, in a journal: offered, claimed and ended, when few and when many have gone before."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from runs.queue import journal_queue

BEFORE = (1_000, 10_000)
SAMPLE = 1_000
WAITING = 64
LOOKS = 20
"""Runs between two looks."""


class Cost(NamedTuple):
    """Seconds, the median over a sample: what else the machine does hits a few of them hard."""

    a_run: float
    a_look: float


def claims() -> Iterator[tuple[str, str, str]]:
    """Rows for few and for many runs that have ended before, and how both costs grow."""
    costs = costs_after(BEFORE)
    for before, cost in zip(BEFORE, costs, strict=True):
        yield f"to offer, claim and end a run when {before:,} have ended", f"{1000 * cost.a_run:.2f} ms", ""
        yield "  to look at the queue, which the leader does four times a second", f"{1000 * cost.a_look:.2f} ms", ""
    few, many = costs
    yield f"a run after {BEFORE[1]:,} against {BEFORE[0]:,}", f"{many.a_run / few.a_run:.2f} x", "at most 1.2 x"
    yield "  a look", f"{many.a_look / few.a_look:.2f} x", ""


def costs_after(before: tuple[int, ...]) -> list[Cost]:
    """The costs over the runs that follow so many."""
    found, runs, looks = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        leader, worker = (journal_queue(Path(folder) / "queue.journal", "queue") for _ in range(2))
        for number in range(WAITING):
            leader.offer(f"run{number}", 1)
        for number in range(1, before[-1] + SAMPLE + 1):
            runs.append(_seconds(lambda number=number: _one(leader, worker, number + WAITING)))
            if number % LOOKS == 0:
                looks.append(_seconds(leader.look))
            if number - SAMPLE in before:
                found.append(Cost(median(runs[-SAMPLE:]), median(looks[-SAMPLE // LOOKS :])))
    return found


def _one(leader, worker, number) -> None:
    leader.offer(f"run{number}", 1)
    worker.complete(worker.claim("worker"), 1.0)


def _seconds(do) -> float:
    started = perf_counter()
    do()
    return perf_counter() - started
