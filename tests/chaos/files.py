"""Disturbances of files: what a crash in the middle of a write leaves, while others work and between two commands."""

from __future__ import annotations

import time
from pathlib import Path

from filelock import FileLock

from tests.chaos.trial import SPEC, Trial

TORN = b'{"op_code":6,"worker_id":"torn'
GARBAGE = b'\x00\xff{"worker":\x80'
TIMES = 4


def torn_lines(trial: Trial) -> None:
    """In every file that is appended to: the queue's journal, and the list of what was shipped."""
    command = trial.begin(most=4)
    for _ in range(TIMES):
        _tear(trial)
        time.sleep(trial.random.uniform(0.1, 0.8))
    trial.kill_all()
    trial.ends(command, -9)
    _tear(trial)
    trial.tell(f"{TIMES} times, and at {trial.recorded} runs")
    trial.finish()


def _tear(trial: Trial) -> None:
    """As a writer leaves them that dies in the middle of a line, and a lock of its own with it."""
    for journal in trial.home.records.parent.glob("*.journal"):
        with FileLock(f"{journal}.lock"), journal.open("ab") as file:
            file.write(TORN[: trial.random.randint(1, len(TORN))])
    with trial.home.ledger(SPEC.stem).open("ab") as file:
        file.write(b"\n%032x 0123" % 0)


def garbage(trial: Trial) -> None:
    """In place of a living worker's sign of life; after a crash also of the plan, and of the record of a run."""
    command = trial.begin(most=4)
    spoilt = [_spoil(path) for path in trial.home.crews.glob("*/*.json")]
    time.sleep(1.0)
    trial.kill_all()
    trial.ends(command, -9)
    left = trial.plan.by_fingerprint.keys() - {one["fingerprint"] for one in trial.records()}
    records = [trial.home.records / f"{key}.1.json" for key in sorted(left)[:2]]
    spoilt += [_spoil(path) for path in [*trial.home.crews.glob("*/*.json"), *records]]
    trial.home.plan(SPEC.stem).write_bytes(b"")
    trial.tell(f"{len(spoilt)} files, and at {trial.recorded} runs the plan")
    trial.finish()


def _spoil(path: Path) -> Path:
    path.write_bytes(GARBAGE)
    return path
