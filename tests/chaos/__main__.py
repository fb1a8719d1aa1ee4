"""Disturbs a small ablation in every way there is, at random moments, and compares what comes out with an undisturbed
one: nothing may be lost, nothing done twice."""

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.checks import faults
from tests.chaos.disturbances import DISTURBANCES
from tests.chaos.trial import Skipped, Trial


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(DISTURBANCES)} (default: all)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the moments (default: any)")
    parser.add_argument("--trials", type=int, default=1, help="of each disturbance (default: 1)")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(DISTURBANCES):
        parser.error(f"no disturbance is called {', '.join(sorted(unknown))}; there are {', '.join(DISTURBANCES)}")
    print(f"seed {asked.seed}", flush=True)
    folder, began = Path(tempfile.mkdtemp(prefix="chaos-")), time.monotonic()
    calm = undisturbed(folder)
    bad = 0
    for number in range(asked.seed, asked.seed + asked.trials):
        bad += sum(not withstood(name, number, folder, calm) for name in asked.names or DISTURBANCES)
    print(f"{bad} trials failed; {time.monotonic() - began:.0f} s" + (f"; see {folder}" if bad else ""))
    if not bad:
        shutil.rmtree(folder)
    return 1 if bad else 0


def undisturbed(folder: Path, *overrides: str) -> Trial:
    """What the others are compared with."""
    began = time.monotonic()
    (calm := Trial(folder / "undisturbed", "", *overrides)).finish()
    print(f"{'undisturbed':22} {time.monotonic() - began:4.0f} s", flush=True)
    return calm


def withstood(name: str, seed: int, folder: Path, calm: Trial) -> bool:
    """Carries out one trial, prints what came of it, and tells whether all was well."""
    trial, began = Trial(folder / f"{name}-{seed}", f"{name} {seed}"), time.monotonic()
    wrong = verdict(name, trial, calm)
    shown = f"{name:22} {time.monotonic() - began:4.0f} s  {', '.join(trial.told)}"
    print("\n    ".join([shown, *wrong]), flush=True)
    if not wrong:
        shutil.rmtree(trial.folder)
    return not wrong


def verdict(name: str, trial: Trial, calm: Trial) -> list[str]:
    """What is wrong after a disturbance."""
    try:
        DISTURBANCES[name](trial)
        return [f"WRONG: {fault}" for fault in faults(trial, calm)]
    except Skipped as reason:
        trial.skipped = True
        trial.tell(f"skipped: {reason}")
        return []
    except Exception as error:  # also that of a check which finds nothing to look at
        return [f"WRONG: {type(error).__name__}: {error}"]
    finally:
        trial.kill_all()


if __name__ == "__main__":
    sys.exit(main())
