"""Whether images fit in memory."""

from __future__ import annotations

import os
from pathlib import Path

from modules.cores import usable_cores

COPIES = 4
"""Of all images at once: as they are resized, and as they are normalised for two seeds and a third on its way."""
CORES_OF_A_GPU = 4
"""Where training is on a GPU, there are fewer processes than cores."""
MEMINFO = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")


def fits(size: int, gpu_memory: int = 0) -> bool:
    """Whether images of `size` bytes may be held, when there is a process for each core and half is for others.

    `gpu_memory` are the bytes of the GPU that trains, of which images may take an eighth; 0 where a core trains.
    """
    if not gpu_memory:
        return COPIES * size <= available() / 2 / usable_cores()
    processes = max(1, usable_cores() // CORES_OF_A_GPU)
    return COPIES * size <= available() / 2 / processes and size <= gpu_memory / 8


def available() -> float:
    """Bytes that may be had without taking them from anybody; in a container, of its share."""
    return min(_of_machine(), _of_group())


def _of_machine() -> float:
    if MEMINFO.exists():
        return _numbers(MEMINFO)["MemAvailable:"] * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2  # macOS does not say what is available


def _of_group() -> float:
    try:
        limit, used = (int((GROUP / name).read_text()) for name in ("memory.max", "memory.current"))
        return limit - used + _numbers(GROUP / "memory.stat")["inactive_file"]
    except (OSError, ValueError):  # no group, or no limit
        return float("inf")


def _numbers(path: Path) -> dict[str, int]:
    """The second word of every line by the first."""
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0]: int(words[1]) for words in lines}
