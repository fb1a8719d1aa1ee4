"""What a report costs: over 1,000 and 10,000 runs of somebody's, each in a process of its own."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parent.parent.parent
SIZES = {1_000: "under 10 s", 10_000: "under 60 s"}
SEEDS = 10
MEASURED = """\
import resource, sys, time
sys.path.insert(0, {root!r})
started = time.perf_counter()
from ablations_cli import main
code = main(sys.argv[1:])
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(time.perf_counter() - started, memory, "torch" in sys.modules, file=sys.stderr)
sys.exit(code)
"""


def costs_of_reports():
    """A row for each size, and how the time grows with the runs."""
    seconds = {}
    for runs, goal in SIZES.items():
        for arms in (runs // SEEDS, 20):
            taken, memory, torch = _report(runs, arms)
            seconds[runs, arms == 20] = taken
            shape = f"{arms:,} arms x {runs // arms:,} seeds"
            yield f"report over {runs:,} runs, {shape}", f"{taken:.1f} s", goal
            yield "  at most in memory", f"{memory:.0f} MB", "2048 MB" if runs > 1_000 else ""
            assert not torch, "a report must not load torch"
    for many_seeds, said in ((False, "ten times the arms"), (True, "ten times the seeds")):
        grown = seconds[10_000, many_seeds] / seconds[1_000, many_seeds]
        yield f"  {said}, time", f"{grown:.1f} x", "at most 10 x"
    yield "import reports, every part of it", f"{_import():.2f} s", ""


def made_runs(runs: int, arms: int) -> pd.DataFrame:
    """Runs of a baseline and other arms, all columns that a report reads from anybody's file among them."""
    random = np.random.default_rng(0)
    seeds = runs // arms
    effects, common = random.normal(0, 3, arms), random.normal(0, 2, seeds)
    test = 75 + effects[:, None] + common + random.normal(0, 1, (arms, seeds))
    names = ["baseline", *(f"arm {number}" for number in range(1, arms))]
    return pd.DataFrame({
        "arm": np.repeat(names, seeds), "seed": np.tile(np.arange(seeds), arms), "test_accuracy": test.ravel().round(2),
        "train_accuracy": random.normal(97, 1, arms * seeds).clip(0, 100).round(2),
        "seconds": random.normal(3, 0.2, arms * seeds).round(3),
    })  # fmt: skip


def _report(runs: int, arms: int) -> tuple[float, float, bool]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.csv"
        made_runs(runs, arms).to_csv(path, index=False)
        words = ["report", "made", "--runs", str(path), "--home", folder]
        found = _measured(words).split()[-3:]
    return float(found[0]), float(found[1]), found[2] == "True"


def _measured(words: list[str]) -> str:
    command = [sys.executable, "-c", MEASURED.format(root=str(ROOT)), *words]
    return subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr


def _import() -> float:
    started = time.perf_counter()
    code = "import reports.write, reports.sources.recorded, reports.sources.from_csv, sys; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    return time.perf_counter() - started
