"""Carrying out a plan in one call, on the slots there are, its progress shown: `ablate run` and notebooks alike."""

from __future__ import annotations

import warnings
from os import PathLike
from typing import TYPE_CHECKING

from modules.names import unknown_name
from runs.home import Home

if TYPE_CHECKING:
    from runs.execute import Summary
    from runs.plan import Plan
    from runs.stages import Decide


def run(
    plan: Plan,
    home: str | PathLike[str] | None = None,
    *,
    workers: int | None = None,
    per_gpu: int = 1,
    engine: str = "local",
    fail_fast: bool = False,
    decide: Decide | None = None,
) -> Summary:
    """Trains what is missing of a plan, its search first, and shows how far it is; doing it again goes on from there.

    `home` is the output folder (else that of ABLATE_HOME, else `output` here). At most `workers` runs go on at a time,
    one per core or, with `per_gpu` each, per GPU where not given; `engine` is `local`, worker processes, or `inline`,
    this one. Where the spec adds seeds by a rule, `decide` goes by it: `reports.more_seeds`. Raises ValueError for
    settings that cannot be, Busy where another process is at it, Unwritable where the folder cannot be written,
    NoWorkers where workers die before they take a run.
    """
    from runs.engines import ENGINES

    with warnings.catch_warnings():
        # tqdm, which Optuna loads, misses widgets in a notebook, for bars that nobody here asks for.
        warnings.filterwarnings("ignore", "IProgress not found")
        from runs.execute import execute
    from runs.live import progress
    from runs.records import Records
    from runs.slots import find_slots
    from runs.stages import as_recorded

    if engine not in ENGINES:
        unknown_name("engine", engine, ENGINES)
    slots, there = find_slots(workers, per_gpu), Home.at(home)
    there.prepare()
    records = Records(there)
    plan = as_recorded(plan, records, decide)
    with there.by_default(), progress(plan, records.newest(plan.by_fingerprint), slots) as listener:
        return execute(plan, there, lambda: ENGINES[engine](there, plan.spec.name, slots), listener, fail_fast, decide)
