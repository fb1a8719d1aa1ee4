"""One process at a time carries out an ablation in an output folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from runs.home import Home


class Busy(RuntimeError):
    """Another process carries out this ablation in this folder."""


@contextmanager
def alone(home: Home, name: str, patience: float = 0.0) -> Iterator[None]:
    """Holds the ablation; the kernel lets go of it however this process ends.

    Raises Busy where it is still held after `patience` seconds.
    """
    lock = FileLock(str(home.lock(name)))
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise Busy(f"{home.lock(name)}: another process is running {name!r} here; wait for it, or stop it") from None
    try:
        yield
    finally:
        lock.release()
