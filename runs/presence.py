"""Who is at work: every worker holds a lease while it lives, and tells in it what it does."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Hashable, Mapping
from secrets import token_hex
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar

from runs.events import Claim

if TYPE_CHECKING:
    from runs.shared import Shared

LEASE = float(os.environ.get("ABLATE_LEASE", "30"))
"""Seconds without a sign of life after which what a worker holds is given to another."""
BEATS = 6
"""Signs of life in that time."""
LONGEST_STEP = 1.0
"""Seconds that count at most between two looks: who did not look, because it was frozen or the database was away, has
not seen that nothing moved."""


class Presence(NamedTuple):
    """A process that works on an ablation, as it tells of itself."""

    worker: str
    """Its name, which no other ever has: slot@host#token."""
    ablation: str
    device: str
    member: str
    """The worker name of the command that started it; its own, of a command."""
    pid: int
    beat: int = 0
    claim: Claim | None = None
    epoch: int = 0
    done: int = 0
    """Runs that it has ended."""

    @property
    def is_command(self) -> bool:
        return self.member == self.worker


def new_name(slot: str) -> str:
    """A name for a worker that no other ever has."""
    return f"{slot}@{socket.gethostname()}#{token_hex(4)}"


def shown(worker: str, host: bool = False) -> str:
    """A worker's name as people read it: its slot, with the machine where there are several."""
    return worker.partition("#" if host else "@")[0]


def presence_from_data(data: Mapping[str, Any]) -> Presence:
    """What JSON has kept of one."""
    claim = data["claim"]
    return Presence(**{**data, "claim": None if claim is None else Claim(*claim)})


class Lease:
    """Tells all others that this process lives, as long as it does, and what it does."""

    def __init__(self, shared: Shared, presence: Presence):
        self._shared, self._presence = shared, presence
        self._lock, self._telling, self._left = threading.Lock(), threading.Lock(), threading.Event()

    def __enter__(self) -> Self:
        self._shared.enter(self._presence)
        threading.Thread(target=self._beat, daemon=True, name="lease").start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._left.set()
        with self._telling, contextlib.suppress(Exception):  # who cannot say goodbye is missed after a while
            self._shared.leave(self._presence)

    @property
    def member(self) -> str:
        return self._presence.member

    def take(self, claim: Claim) -> None:
        """From now on this process works on a run."""
        self._change(claim=claim, epoch=0)

    def put_down(self) -> None:
        """The run has ended."""
        self._change(claim=None, done=self._presence.done + 1)

    def at_epoch(self, epoch: int) -> None:
        """How far the run is, which the next sign of life tells."""
        with self._lock:
            self._presence = self._presence._replace(epoch=epoch)

    def _change(self, **what: Any) -> None:
        with self._lock:
            self._presence = self._presence._replace(beat=self._presence.beat + 1, **what)
        with self._telling:  # which may take long, while nobody waits who only changes something
            if not self._left.is_set():
                self._shared.tell(self._presence)

    def _beat(self) -> None:
        while not self._left.wait(LEASE / BEATS):
            with contextlib.suppress(Exception):  # whatever ails the place, the next beat tries again
                self._change()


K = TypeVar("K", bound=Hashable)


class Watch(Generic[K]):
    """How long each thing has been seen not to move, by this process's own clock: those of others may be wrong, or be
    set while one looks."""

    def __init__(self) -> None:
        self._still: dict[K, tuple[Any, float]] = {}
        self._last = monotonic()

    def look(self, evidence: Mapping[K, Any]) -> dict[K, float]:
        """Seconds since the evidence of each changed; what is not in it is forgotten."""
        now = monotonic()
        step, self._last = min(now - self._last, LONGEST_STEP), now
        self._still = {key: (seen, self._seconds(key, seen, step)) for key, seen in evidence.items()}
        return {key: seconds for key, (_, seconds) in self._still.items()}

    def _seconds(self, key: K, seen: Any, step: float) -> float:
        before, seconds = self._still.get(key, (None, 0.0))
        return seconds + step if before == seen and key in self._still else 0.0
