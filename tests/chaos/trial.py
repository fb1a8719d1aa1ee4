"""One ablation in an output folder of its own, and the processes that work on it."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeVar

from ablations import load_spec
from runs.events import Claim
from runs.files import read_json
from runs.home import Home
from runs.plan import Plan, make_plan
from runs.shared import open_shared
from tests.chaos.processes import is_server, parent, read, send

ROOT = Path(__file__).parent.parent.parent
SPEC = Path(__file__).parent / "tiny.yaml"
LEASE = 5.0
"""Seconds, of the trial's workers; a machine that is very busy must not freeze them for longer."""
PATIENCE = 300.0
"""Seconds after which a command that should have ended hangs."""
MARK = "ABLATE_TRIAL"
"""The variable that every process of a trial has in its environment."""


T = TypeVar("T")


class Failed(AssertionError):
    """What should have happened did not."""


class Skipped(Exception):
    """What a disturbance needs is not there."""


class Trial:
    """An ablation that is carried out by `ablate run`, and what is needed for disturbing it."""

    def __init__(self, folder: Path, seed: str, *overrides: str):
        self.home, self.random = Home.at(folder / "home"), random.Random(seed)
        self.folder, self.token = folder, token_hex(8)
        self.environment = {
            **os.environ, "ABLATE_HOME": str(self.home.root), "ABLATE_LEASE": f"{LEASE:g}", MARK: self.token,
            "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self.overrides = overrides
        self.told: list[str] = []
        """What was done to it."""
        self.skipped = False
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def plan(self) -> Plan:
        return make_plan(load_spec(SPEC, self.overrides))

    def start(self, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """`ablate run`, in a session of its own."""
        command = [sys.executable, str(ROOT / "ablations_cli.py"), "run", str(SPEC), *self.overrides, "--workers", "2"]
        with (self.folder / "output.txt").open("ab") as output:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.environment | dict(environment or {}), stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip

    def ends(self, command: subprocess.Popen[bytes], *codes: int, within: float = PATIENCE) -> None:
        """Waits for the end of a command, which must come in time, with one of these codes, and leave no process."""
        try:
            code = command.wait(within)
        except subprocess.TimeoutExpired:
            raise Failed(f"`ablate run` has not ended after {within:g} s") from None
        if code not in codes:
            raise Failed(f"`ablate run` ended with {code} instead of {' or '.join(map(str, codes))}")

    def finish(self) -> None:
        """`ablate run` again, as people do; nothing disturbs it."""
        self.ends(self.start(), 0)

    def begin(
        self, least: int = 1, most: int = 8, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """A command that has come to some random moment: so many runs have ended, and a bit more."""
        command = self.start(environment)
        self.reach(command, self.random.randint(least, min(most, len(self.plan.runs) // 2)))
        return command

    def reach(self, command: subprocess.Popen[bytes], runs: int) -> None:
        """Waits until so many runs have ended, and some part of another."""
        until(lambda: self.recorded >= runs or command.poll() is not None, f"{runs} runs have ended")
        if command.poll() is not None:
            raise Failed(f"`ablate run` ended with {command.returncode} before it was disturbed")
        time.sleep(self.random.uniform(0.0, 0.7))

    def tell(self, what: str) -> None:
        self.told.append(what)

    @property
    def recorded(self) -> int:
        return len(list(self.home.records.glob("[!.]*.json")))

    def status_of(self, record_id: str) -> str | None:
        """Of the attempt that left that record."""
        return next((one["status"] for one in self.records() if one["id"] == record_id), None)

    def at_work(self) -> list[tuple[int, Claim]]:
        """The workers that are in the middle of a run, by their process."""
        present = open_shared(self.home).present(SPEC.stem)
        return [(one.pid, one.claim) for one in present if one.claim is not None]

    def agree(self, faults: Iterable[str]) -> None:
        """Raises Failed where there are any."""
        if found := list(faults):
            raise Failed("; ".join(found))

    def deaths(self) -> int:
        """How often workers died under the run under which most of them did."""
        lost = Counter(one["fingerprint"] for one in self.records() if one["status"] == "lost")
        return max(lost.values(), default=0)

    def records(self) -> Iterator[dict[str, Any]]:
        """Those that can be read."""
        for path in self.home.records.glob("[!.]*.json"):
            with contextlib.suppress(ValueError):
                yield read_json(path)

    def processes(self) -> list[int]:
        """All that belong to the trial and live, whoever started them."""
        mark = f"{MARK}={self.token}".encode()
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if mark in read(pid, "environ")]

    def workers(self) -> list[int]:
        """The processes that train: the children of the server that forks them."""
        servers = self.servers()
        return [pid for pid in self.processes() if parent(pid) in servers]

    def servers(self) -> list[int]:
        return [pid for pid in self.processes() if is_server(pid) and not is_server(parent(pid))]

    def resource_trackers(self) -> list[int]:
        return [pid for pid in self.processes() if b"resource_tracker" in read(pid, "cmdline")]

    def kill_all(self) -> None:
        """The machine goes down: nobody has time for anything."""
        while left := self.processes():
            for pid in left:
                send(pid, signal.SIGKILL)
            time.sleep(0.02)


def until(come: Callable[[], T], what: str, within: float = PATIENCE) -> T:
    """Waits until something is there, or true; raises Failed where that takes too long."""
    end = time.monotonic() + within
    while not (found := come()):
        if time.monotonic() > end:
            raise Failed(f"after {within:g} s it is not so that {what}")
        time.sleep(0.03)
    return found
