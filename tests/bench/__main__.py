"""Prints the bench's table. Every ratio is of two things measured here and now, one after the other."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.bare import bare_seconds
from tests.bench.remedies import costs_of_remedies
from tests.bench.report import costs_of_reports
from tests.bench.streaming import streaming
from tests.bench.zoo import augmentation_against_a_step, building_against_an_epoch

ROOT = Path(__file__).parent.parent.parent
WORKLOAD = str(Path(__file__).parent / "six-switches.yaml")
"""Six switches that a bare loop of a page can do as well."""
PROCESSES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="of the six-switch ablation (default: 10)")
    seeds = parser.parse_args().seeds
    with tempfile.TemporaryDirectory() as home:
        rows = [*against_a_bare_loop(seeds, home), *commands(home), *costs_of_reports()]
        rows += [*costs_of_remedies(), *building_against_an_epoch(), *augmentation_against_a_step(), *streaming()]
    width = max(len(name) for name, _, _ in rows)
    print(f"\n{'':{width}}  {'measured':>10}   goal")
    for name, value, goal in rows:
        print(f"{name:{width}}  {value:>10}   {goal}")


def against_a_bare_loop(seeds: int, home: str):
    bare, measuring = bare_seconds(WORKLOAD, [f"seeds={seeds}"], PROCESSES)
    ours = ablate("run", WORKLOAD, "--seeds", str(seeds), "--workers", str(PROCESSES), "--home", home)
    records = [json.loads(path.read_text()) for path in Path(home).glob("studies/records/[!.]*.json")]
    training = sum(record["metrics"]["seconds"] for record in records)
    span = max(record["ended"] for record in records) - min(record["started"] for record in records)
    overhead = (span * PROCESSES - training) / len(records) - measuring
    yield f"bare PyTorch loop, {len(records)} runs on {PROCESSES} warm processes", f"{bare:.1f} s", ""
    yield "ablate run six-switches, from start to report", f"{ours:.1f} s", ""
    yield "  ratio", f"{ours / bare:.2f}", "at most 1.15"
    yield "  ratio once workers are warm, until the last run", f"{span / bare:.2f}", ""
    yield "  overhead a run beyond training and measuring", f"{1000 * overhead:.0f} ms", "at most 60 ms"


def commands(home: str):
    yield "ablate --help", f"{best('--help'):.2f} s", "under 0.5 s"
    yield "ablate list", f"{best('list'):.2f} s", "under 0.5 s"
    yield "ablate plan remedies", f"{best('plan', 'remedies', '--home', home):.2f} s", "under 3 s"
    yield "ablate report six-switches", f"{best('report', WORKLOAD, '--home', home):.2f} s", "under 5 s"


def best(*words: str) -> float:
    """The shortest of three: the others measure what else the machine does."""
    return min(ablate(*words) for _ in range(3))


def ablate(*words: str) -> float:
    started = time.perf_counter()
    command = [sys.executable, str(ROOT / "ablations_cli.py"), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
