"""Simulates studies whose truth is known and prints how often their reports are right, beside what they promise."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Iterator
from functools import partial

from rich.console import Console

from tests.calibrate.experiment import TOLERANCE, Experiment, Rate
from tests.calibrate.sections import sections
from tests.calibrate.show import table

PROCESSES = 2
WIDTH = 170
Rates = dict[str, Rate]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1200, help="in every row (default: 1200)")
    studies = parser.parse_args().studies
    parts = sections()
    rates = simulated([experiment for part in parts for experiment in part.experiments], studies)
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    console.print(
        f"{studies} studies a row; ± is one Monte-Carlo standard error; a rate may be {TOLERANCE:g} of them off its goal."
    )
    missed = 0
    for part in parts:
        found = [(experiment, next(rates)) for experiment in part.experiments]
        console.print(f"\n[bold]{part.title}[/bold]\n{part.about}", soft_wrap=True)
        console.print(table(found))
        missed += sum(experiment.misses(of) for experiment, of in found)
    console.print(f"\n{missed or 'None'} of the goals missed, beside those known to be.")
    return 1 if missed else 0


def simulated(experiments: list[Experiment], studies: int) -> Iterator[Rates]:
    """The rates of each, in order, on warm processes of one thread each."""
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        yield from pool.imap(partial(Experiment.rates, studies=studies), experiments)


if __name__ == "__main__":
    sys.exit(main())
