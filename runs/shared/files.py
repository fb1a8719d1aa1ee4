"""What is shared on one machine: files of the output folder, and locks that the kernel lets go of when holders die."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from runs.files import read_json, write_json, write_new, write_soon
from runs.home import Home
from runs.lock import Busy
from runs.presence import Presence, presence_from_data

if TYPE_CHECKING:
    from runs.queue import Queue


class SharedFiles:
    """The files below an output folder. Its file system must be this machine's: others do not keep locks."""

    is_elsewhere = False

    def __init__(self, home: Home):
        self._home = home
        self._held: dict[str, FileLock] = {}

    @contextmanager
    def alone(self, name: str, doing: str, patience: float = 0.0) -> Iterator[Callable[[], bool]]:
        lock = FileLock(str(self._home.lock(name, doing)), thread_local=False)
        try:
            lock.acquire(timeout=patience, poll_interval=0.05)
        except Timeout:
            raise Busy(f"{self._home.lock(name, doing)}: another process holds it") from None
        try:
            yield lambda: lock.is_locked
        finally:
            lock.release()

    def read_plan(self, name: str) -> dict[str, Any] | None:
        with contextlib.suppress(FileNotFoundError, ValueError):  # one that cannot be read counts as not there
            return read_json(self._home.plan(name))
        return None

    def write_plan(self, name: str, plan: dict[str, Any]) -> None:
        write_json(self._home.plan(name), plan)

    def running(self) -> list[str]:
        names = sorted(folder.name for folder in self._home.crews.glob("*"))
        return [name for name in names if not _is_free(self._home.lock(name, "lead"))]

    def queue(self, name: str, campaign: str) -> Queue:
        from runs.queue import journal_queue

        return journal_queue(self._home.journal(name, campaign), name)

    def drop_queues(self, name: str, keep: str) -> None:
        for path in self._home.journal(name, keep).parent.glob(f"{name}.*.journal*"):
            if not path.name.startswith(self._home.journal(name, keep).name):
                path.unlink(missing_ok=True)

    def enter(self, presence: Presence) -> None:
        path = self._file(presence)
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(_lock_of(path)), thread_local=False)
        lock.acquire(timeout=0)
        self._held[presence.worker] = lock
        self.tell(presence)

    def tell(self, presence: Presence) -> None:
        write_soon(self._file(presence), json.dumps(presence._asdict()).encode())

    def leave(self, presence: Presence) -> None:
        path = self._file(presence)
        path.unlink(missing_ok=True)
        _lock_of(path).unlink(missing_ok=True)
        if lock := self._held.pop(presence.worker, None):
            lock.release()

    def present(self, name: str) -> list[Presence]:
        found = (self._read(path) for path in sorted((self._home.crews / name).glob("[!.]*.json")))
        return [presence for presence in found if presence is not None]

    def add(self, record: dict[str, Any]) -> bool:
        return write_new(self._home.records / f"{record['id']}.json", json.dumps(record, indent=1).encode())

    def get(self, record_id: str) -> dict[str, Any] | None:
        return None  # whoever wrote one wrote it into this folder

    def fetch(self, fingerprints: Iterable[str], known: Collection[str]) -> Iterable[dict[str, Any]]:
        return ()

    def _file(self, presence: Presence) -> Path:
        return self._home.crews / presence.ablation / f"{presence.worker}.json"

    def _read(self, path: Path) -> Presence | None:
        """None of a process that is dead, whose traces are removed."""
        if _is_free(_lock_of(path)):
            path.unlink(missing_ok=True)
            _lock_of(path).unlink(missing_ok=True)
            return None
        try:
            return presence_from_data(read_json(path))
        except (FileNotFoundError, ValueError):
            return None


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


def _is_free(path: Path) -> bool:
    """Whether nobody holds the lock, that is, its holder is dead."""
    lock = FileLock(str(path), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    lock.release()
    return True
