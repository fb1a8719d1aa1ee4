"""How much faster two workers are than one, on the six-switch workload."""

import tempfile
from collections.abc import Iterator

from tests.bench.commands import WORKLOAD, ablate
from tests.bench.peers import read_records

SEEDS = 3


def scaling() -> Iterator[tuple[str, str, str]]:
    """Runs a second by two workers against one, while all of them are busy, and of the whole command."""
    seconds, rates = zip(*(_carried_out(workers) for workers in (1, 2)), strict=True)
    yield (
        "two workers against one, runs a second while both are busy",
        f"{rates[1] / rates[0]:.2f} x",
        "at least 1.85 x",
    )
    yield "  ablate run as a whole, with starting and the report", f"{seconds[0] / seconds[1]:.2f} x", ""


def _carried_out(workers: int) -> tuple[float, float]:
    """Seconds of the command, and runs a second."""
    with tempfile.TemporaryDirectory() as home:
        seconds = ablate("run", WORKLOAD, "--seeds", str(SEEDS), "--workers", str(workers), "--home", home)
        return seconds, busy_rate([(one["started"], one["ended"]) for one in read_records(home)], workers)


def busy_rate(runs: list[tuple[float, float]], workers: int) -> float:
    """Runs a second from when every worker has begun until the last run begins, when none is idle yet; of a run that
    is partly in that time, the part counts."""
    begun = sorted(started for started, _ in runs)
    first, last = begun[workers - 1], begun[-1]
    parts = (max(0.0, min(ended, last) - max(started, first)) / (ended - started) for started, ended in runs)
    return sum(parts) / (last - first)
