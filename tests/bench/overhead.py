"""What a run costs beside its training: many runs of a training that does nothing, by two workers."""

import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

from runs.home import Home
from tests.bench.carrying import carried_out, made_plan
from tests.bench.commands import ablate
from tests.bench.made import nothing
from tests.bench.peers import span_of

SIZES = (1_000, 10_000)
ARMS = 9
LONG = 60
"""Epochs of the six-switch ablation, of which each leaves a point in four curves."""
NAME = "overhead"


class Taken(NamedTuple):
    """Seconds of carrying out a plan that trains nothing."""

    planning: float
    a_run: float
    """From the first record to the last, by the number of runs."""
    whole: float
    again: float
    """Once more, when all is recorded."""
    memory: float
    """MB of the process that hands out the runs, at most."""


def overhead() -> Iterator[tuple[str, str, str]]:
    """Rows for each size, and how the cost of a run grows with their number."""
    a_run = {}
    for runs in SIZES:
        with tempfile.TemporaryDirectory() as home:
            taken = measured(runs, 1, home)
            a_run[runs] = taken.a_run
            yield from _rows(runs, taken)
            yield f"  ablate status over {runs:,} recorded runs", f"{ablate('status', NAME, '--home', home):.1f} s", ""
            yield f"  ablate report over {runs:,} recorded runs", f"{ablate('report', NAME, '--home', home):.1f} s", ""
    small, large = SIZES
    yield f"wall per run, {large:,} runs against {small:,}", f"{a_run[large] / a_run[small]:.2f} x", "at most 1.2 x"
    with tempfile.TemporaryDirectory() as home:
        taken = measured(small, LONG, home)
    yield f"wall per run, {small:,} runs with curves of {LONG} epochs", f"{1000 * taken.a_run:.1f} ms", "at most 60 ms"


def _rows(runs: int, taken: Taken) -> Iterator[tuple[str, str, str]]:
    yield f"wall per run, {runs:,} empty runs by 2 workers, first record to last", _ms(taken.a_run), "at most 60 ms"
    yield "  the whole of it, workers started and all shipped, a run", _ms(taken.whole / runs), ""
    yield "  planning", f"{taken.planning:.1f} s", ""
    yield "  once more when all is recorded", f"{taken.again:.1f} s", ""
    yield "    a run", _ms(taken.again / runs), ""
    yield "  at most in memory, of the process that hands them out", f"{taken.memory:.0f} MB", ""


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def measured(runs: int, epochs: int, home: str) -> Taken:
    """In a process of its own, so that memory is that of one plan."""
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:
        return alone.submit(carry_out, runs, epochs, home).result()


def carry_out(runs: int, epochs: int, folder: str) -> Taken:
    started = time.perf_counter()
    plan, home = made_plan(NAME, round(runs / ARMS), epochs), Home.at(folder)
    total = len(plan.by_fingerprint)
    planned = time.perf_counter()
    summary = carried_out(plan, home, nothing)
    ended = time.perf_counter()
    carried_out(plan, home, nothing)
    again = time.perf_counter() - ended
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    a_run = span_of(list(summary.done.values())) / total
    return Taken(planned - started, a_run, ended - planned, again, memory)
