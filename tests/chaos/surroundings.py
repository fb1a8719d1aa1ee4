"""Disturbances of what an ablation rests on: the tracker, the database, the clock."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from runs.home import DATABASE
from tests.chaos.checks import trained_twice
from tests.chaos.trial import LEASE, Failed, Skipped, Trial, until
from tests.postgres import Server, programs

STEPS = (5, -7, 30, -1, 0)
"""Hours by which the clock is wrong, one after the other."""
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def tracker_away(trial: Trial) -> None:
    """An MLflow server is killed, or hangs, while runs end; what it missed is handed in when it is back."""
    port = _free_port()
    trial.environment["MLFLOW_TRACKING_URI"] = f"http://127.0.0.1:{port}"
    hangs = trial.random.random() < 0.5
    with _server(trial, port) as server:
        command = trial.begin(most=4)
        os.killpg(server.pid, signal.SIGSTOP if hangs else signal.SIGKILL)
        trial.tell("it hangs" if hangs else "it was killed")
        began = time.monotonic()
        trial.ends(command, 0)
        trial.tell(f"ended after {time.monotonic() - began:.0f} s")
    with _server(trial, port):
        trial.finish()


@contextmanager
def _server(trial: Trial, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """MLflow's server, over the very files that are used without one."""
    home = trial.home
    home.prepare()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += [
        "--backend-store-uri",
        f"sqlite:///{home.root / 'mlflow.db'}",
        "--artifacts-destination",
        str(home.artifacts),
    ]
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (trial.folder / "server.txt").open("ab") as output:
        server = subprocess.Popen(command, env=os.environ | quiet, stdout=output, stderr=output, start_new_session=True)
    try:
        until(lambda: _answers(port), "the MLflow server answers")
        yield server
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def database_restarted(trial: Trial) -> None:
    """PostgreSQL, by which several machines share the work, stops without a word, and is back after a while."""
    with _database() as server:
        trial.environment[DATABASE] = server.new_database()
        command = trial.begin(most=4)
        for _ in range(2):
            server.stop("immediate")
            time.sleep(away := trial.random.uniform(0.5, 2 * LEASE))
            server.start()
            trial.tell(f"{away:.1f} s")
            time.sleep(trial.random.uniform(0.5, 2.0))
        trial.ends(command, 0)


@contextmanager
def _database() -> Iterator[Server]:
    if programs() is None:
        raise Skipped("there is no PostgreSQL server; `apt-get install postgresql` has it")
    server = Server()
    try:
        yield server
    finally:
        server.remove()


def clock_set(trial: Trial) -> None:
    """Forth and back by hours, while it runs: nobody has died, so nothing may be trained again."""
    if not FAKETIME.exists():
        raise Skipped("libfaketime is not there; `apt-get install faketime` has it")
    offset = trial.folder / "clock"
    offset.write_text("+0")
    faked = {
        "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
    }  # fmt: skip
    command = trial.begin(most=3, environment=faked)
    for hours in STEPS:
        offset.with_suffix(".new").write_text(f"{hours:+d}h")
        offset.with_suffix(".new").replace(offset)
        time.sleep(trial.random.uniform(0.5, 1.5))
    if command.poll() is not None:
        raise Failed("the command ended before the clock was set")
    trial.ends(command, 0)
    trial.agree(trained_twice(trial))
