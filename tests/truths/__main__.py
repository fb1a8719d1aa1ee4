"""Checks the facts that must come out, exact and strong ones, and prints what was measured beside each bound."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ablations import load_spec
from runs import Home
from tests.truths.exact import EXACT
from tests.truths.strong import SPECS, Report
from tests.truths.truth import Truth

ROOT = Path(__file__).parent.parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--home", help="output folder (default: ABLATE_HOME, else ./output); what it has is not trained"
    )
    home = Home.at(parser.parse_args().home)
    truths = [*exact(), *strong(home)]
    show(truths)
    return 0 if all(truth.holds for truth in truths) else 1


def exact() -> Iterator[Truth]:
    for measure in EXACT:
        yield measure()


def strong(home: Home) -> Iterator[Truth]:
    for spec, read in SPECS.items():
        command = [sys.executable, str(ROOT / "ablations_cli.py"), "run", spec, "--home", str(home.root)]
        print(f"ablate run {Path(spec).stem} ...", flush=True)
        done = subprocess.run(command, capture_output=not sys.stdout.isatty(), text=True)
        if done.returncode:
            raise SystemExit(f"ablate run {spec} ended with {done.returncode}:\n{done.stdout or ''}{done.stderr or ''}")
        yield from read(Report.of(home.report(load_spec(spec).name)))


def show(truths: list[Truth]) -> None:
    table = Table("Claim", "Measured", "Bound", "Holds", box=None, pad_edge=False, header_style="bold")
    for truth in truths:
        table.add_row(truth.claim, truth.measured, truth.bound, "pass" if truth.holds else "FAIL")
    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(table, markup=False)


if __name__ == "__main__":
    sys.exit(main())
