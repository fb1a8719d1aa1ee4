"""The cores that this process may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path, PurePosixPath

GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


def usable_cores() -> int:
    """Cores this process may use, which in a container are fewer than the machine has.

    The mask of the scheduler counts, and the least quota of processor time; a part of a core is one.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([allowed, *map(ceil, _quotas())]))


def _quotas() -> Iterator[float]:
    """In cores: those of the control groups, of version 2 or of 1, that this process is in."""
    for group in _groups():
        with suppress(OSError, ValueError):  # no such file, or its quota is "max"
            quota, period = map(int, (group / "cpu.max").read_text().split())
            yield quota / period
    with suppress(OSError):
        quota, period = (int((GROUPS / "cpu" / f"cpu.cfs_{name}_us").read_text()) for name in ("quota", "period"))
        if quota > 0:
            yield quota / period


def _groups() -> list[Path]:
    """The group's folder and those above it, whose quotas hold, too. A container sees its own at the root."""
    own = PurePosixPath()
    with suppress(OSError):
        own = PurePosixPath(*(line[4:] for line in OWN.read_text().splitlines() if line.startswith("0::/")))
    return [GROUPS / group for group in (own, *own.parents)]
