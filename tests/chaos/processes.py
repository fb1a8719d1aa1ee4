"""Processes as Linux shows them in /proc: who started them, what they are, and signals to them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from pathlib import Path


def send(pid: int, number: signal.Signals) -> bool:
    """Sends a signal; tells whether there was somebody."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def send_all(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        send(pid, number)


def parent(pid: int) -> int:
    """Who started it; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def is_server(pid: int) -> bool:
    """Whether it forks workers, or is one that was forked."""
    return b"forkserver" in read(pid, "cmdline")


def read(pid: int, what: str) -> bytes:
    """Nothing of one that is gone."""
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes()
    except OSError:
        return b""
