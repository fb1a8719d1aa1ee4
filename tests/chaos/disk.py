"""Disturbances of the disk: it is full, or forgets what it was not asked to keep."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.power import Disk
from tests.chaos.trial import Skipped, Trial

SIZE = "64m"
BAD_INPUT = 2


def disk_full(trial: Trial) -> None:
    """While runs end; then room is made."""
    with _small_disk(trial.home.root):
        command = trial.begin(most=6)
        ballast = trial.home.root / "ballast"
        _fill(ballast)
        trial.ends(command, BAD_INPUT, within=60)
        trial.tell(f"at {trial.recorded} runs")
        ballast.unlink()
        trial.finish()
        shutil.copytree(trial.home.root, trial.folder / "kept")
    (trial.folder / "kept").replace(trial.home.root)


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "chaos", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        raise Skipped(f"a small disk cannot be mounted: {mounted.stderr.strip() or 'only root may'}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _fill(path: Path) -> None:
    """Takes all the room, to the last byte."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue


def power_cut(trial: Trial) -> None:
    """Everything stops, and of what was not synced all is gone, or some."""
    disk = Disk(trial.folder)
    command = trial.begin(most=12, environment=disk.environment)
    trial.kill_all()
    trial.ends(command, -9)
    before, share = trial.recorded, trial.random.choice((0.5, 1.0))
    lost = disk.cut(trial.home.root, lambda: trial.random.random() < share)
    trial.tell(f"at {before} runs, {trial.recorded} after it; {lost} changes lost of {lost / share:.0f}")
    trial.finish()
