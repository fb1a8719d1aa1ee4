"""The command line as people start it: a process for every call, from start to end."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
WORKLOAD = str(Path(__file__).parent / "six-switches.yaml")
"""Six switches that a bare loop of a page can do as well."""


def commands() -> Iterator[tuple[str, str, str]]:
    """What each command takes, the report over a few runs of the six-switch ablation."""
    with tempfile.TemporaryDirectory() as home:
        ablate("run", WORKLOAD, "--seeds", "2", "--home", home)
        yield "ablate --help", f"{best('--help'):.2f} s", "under 0.5 s"
        yield "ablate list", f"{best('list'):.2f} s", "under 0.5 s"
        yield "ablate plan remedies", f"{best('plan', 'remedies', '--home', home):.2f} s", "under 3 s"
        yield "ablate report six-switches", f"{best('report', WORKLOAD, '--home', home):.2f} s", "under 5 s"


def best(*words: str) -> float:
    """The shortest of three: the others measure what else the machine does."""
    return min(ablate(*words) for _ in range(3))


def ablate(*words: str) -> float:
    """Seconds of one command."""
    return seconds_of([str(ROOT / "ablations_cli.py"), *words])


def seconds_of(words: list[str]) -> float:
    """Seconds of one process of Python, in the project's folder, which must end well."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
    return time.perf_counter() - started
