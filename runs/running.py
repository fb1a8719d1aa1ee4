"""Carrying out a plan in one call, on the slots there are, its progress shown: `ablate run` and notebooks alike."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING

from modules.names import unknown_name
from runs.home import Home

if TYPE_CHECKING:
    from runs.execute import Summary
    from runs.plan import Plan
    from runs.slots import PerGpu, Slot
    from runs.stages import Decide


def ready_workers(
    names: Iterable[str], home: Home, workers: int | None = None, engine: str = "local"
) -> AbstractContextManager[None]:
    """The workers of all ablations that are carried out in this context come from one process that imports what they
    need, which takes seconds: while plans are made, where one of these ablations has not been begun yet.

    `workers` and `engine` are those of `run`. Raises BadAddress and Unreachable as `open_shared` does.
    """
    from runs.engines.local import ready_server
    from runs.gpus import find_gpus
    from runs.shared import open_shared

    if engine != "local" or workers == 0 or find_gpus():
        return ready_server()
    shared = open_shared(home)
    return ready_server(ahead=any(shared.read_plan(name) is None for name in names))


def run(
    plan: Plan,
    home: str | PathLike[str] | None = None,
    *,
    workers: int | None = None,
    per_gpu: PerGpu = 1,
    engine: str = "local",
    address: str | None = None,
    fail_fast: bool = False,
    decide: Decide | None = None,
) -> Summary:
    """Trains what is missing of a plan, its search first, and shows how far it is; doing it again goes on from there.
    Then the exact facts that its claims name are carried out.

    `home` is the output folder (else that of ABLATE_HOME, else `output` here). At most `workers` runs go on at a time,
    one per core or, with `per_gpu` each (`auto`: as many as fit), per GPU where not given; 0 leaves all of them to
    those who join with `ablate worker`. `engine` is `local`, worker processes, `inline`, this one, or `ray`, those on
    all machines of the Ray cluster at `address`, without one on this machine. Where the spec adds seeds by a rule,
    `decide` goes by it: `reports.more_seeds`. Raises ValueError for settings that cannot be, Busy where another process
    is at it with other settings or code, Unwritable where the folder cannot be written, NoWorkers where workers die
    before they take a run.
    """
    from runs.engines import ENGINES, CannotWork

    with warnings.catch_warnings():
        # tqdm, which Optuna loads, misses widgets in a notebook, for bars that nobody here asks for.
        warnings.filterwarnings("ignore", "IProgress not found")
        from runs.execute import execute
    from runs.checking import carry_out_checks, named_checks
    from runs.live import progress
    from runs.packing import Packing, slots_in
    from runs.records import Records
    from runs.stages import as_recorded

    if engine not in ENGINES:
        unknown_name("engine", engine, ENGINES)
    if address and engine != "ray":
        raise CannotWork(f"an address is that of a Ray cluster, which engine {engine} does not use: ask for engine ray")
    if workers == 0 and engine != "local":
        raise CannotWork(f"workers=0 leaves all runs to `ablate worker`, engine {engine} carries them out: give one up")
    places: Packing | list[Slot] = Packing.here(workers, per_gpu) if workers != 0 else []
    there = Home.at(home)
    there.prepare()
    records = Records(there)
    plan = as_recorded(plan, records, decide)
    where = {"address": address} if address else {}
    slots = [] if engine == "ray" else slots_in(places)  # how many a cluster has is seen when it is asked
    with there.by_default(), progress(plan, records.newest(plan.by_fingerprint), slots) as listener:
        summary = execute(
            plan, there, lambda me: ENGINES[engine](there, plan.spec.name, places, me, **where), listener, fail_fast,
            decide,
        )  # fmt: skip
    checks = carry_out_checks(named_checks(plan.spec.claims), there, partial(print, flush=True))
    summary.failed_checks = {name: record["reason"] for name, record in checks.items() if record["reason"]}
    return summary
