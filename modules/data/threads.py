"""A few threads that read and decode images: both let go of Python's lock, and a worker may not have children."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from modules.cores import usable_cores

Found = TypeVar("Found")

MOST = 8
"""Threads of a process, on however many cores."""
CHUNK = 64
"""Calls that a thread makes at a time."""


@cache
def pool() -> ThreadPoolExecutor:
    """The threads of this process."""
    return ThreadPoolExecutor(min(MOST, usable_cores()), thread_name_prefix="images")


def in_threads(function: Callable[[int], Found], count: int) -> list[Found]:
    """`function` of 0 to `count` - 1, in order; the first error is raised."""

    def some(start: int) -> list[Found]:
        return [function(index) for index in range(start, min(start + CHUNK, count))]

    return [found for chunk in pool().map(some, range(0, count, CHUNK)) for found in chunk]
