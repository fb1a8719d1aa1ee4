"""The six-switch workload by other means: a bare loop, Ray Tune, a process for every run. Each against `ablate run`."""

import importlib.util
import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from ablations import load_spec
from tests.bench.bare import bare_seconds
from tests.bench.commands import WORKLOAD, ablate, seconds_of

PROCESSES = 2


def peers(seeds: int) -> Iterator[tuple[str, str, str]]:
    """Rows of seconds, and how many times as long as `ablate run` each other way takes."""
    bare, measuring = bare_seconds(WORKLOAD, [f"seeds={seeds}"], PROCESSES)
    with tempfile.TemporaryDirectory() as home:
        ours = ablate("run", WORKLOAD, "--seeds", str(seeds), "--workers", str(PROCESSES), "--home", home)
        records = read_records(home)
    span = span_of(records)
    training = sum(record["metrics"]["seconds"] for record in records)
    overhead = (span * PROCESSES - training) / len(records) - measuring
    yield f"ablate run six-switches, {len(records)} runs, from start to report", f"{ours:.1f} s", ""
    yield "  overhead a run beyond training and measuring", f"{1000 * overhead:.0f} ms", "at most 60 ms"
    yield f"bare PyTorch loop, the same runs on {PROCESSES} warm processes", f"{bare:.1f} s", ""
    yield "  ablate run, of the bare loop's time", f"{ours / bare:.2f}", "at most 1.15"
    yield "  the same once workers are warm, until the last run", f"{span / bare:.2f}", ""
    yield from _ray_tune(seeds, ours)
    yield from _a_process_a_run(ours, len(records))


def read_records(home: str) -> list[dict]:
    return [json.loads(path.read_text()) for path in Path(home).glob("studies/records/[!.]*.json")]


def span_of(records: list[dict]) -> float:
    """Seconds from the start of the first run to the end of the last."""
    return max(record["ended"] for record in records) - min(record["started"] for record in records)


def _ray_tune(seeds: int, ours: float) -> Iterator[tuple[str, str, str]]:
    name = f"Ray Tune, the same runs as trials of one CPU each on {PROCESSES} CPUs"
    if importlib.util.find_spec("ray") is None:
        yield name, "skipped", "needs ray[tune]: pip install 'ray[tune]==2.60.0'"
        return
    with tempfile.TemporaryDirectory() as folder:
        seconds = seconds_of(["-m", "tests.bench.by_tune", WORKLOAD, str(seeds), str(PROCESSES), folder])
    yield name, f"{seconds:.1f} s", ""
    yield "  of ablate run's time", f"{seconds / ours:.2f}", "above 1"


def _a_process_a_run(ours: float, runs: int) -> Iterator[tuple[str, str, str]]:
    """One seed of every arm; each run costs the same, so all of them are reckoned from those."""
    arms = [arm.name for arm in load_spec(WORKLOAD).arms]
    with tempfile.TemporaryDirectory() as folder:
        started = perf_counter()
        with ThreadPoolExecutor(PROCESSES) as shell:
            list(shell.map(lambda arm: seconds_of(["-m", "tests.bench.by_process", WORKLOAD, arm, "0", folder]), arms))
        seconds = (perf_counter() - started) * runs / len(arms)
    name = f"a process a run, Lightning's defaults, {PROCESSES} at a time; {len(arms)} were run, scaled to {runs}"
    yield name, f"{seconds:.1f} s", ""
    yield "  of ablate run's time", f"{seconds / ours:.2f}", "above 1"
