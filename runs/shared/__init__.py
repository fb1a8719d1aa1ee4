"""What all who work on an ablation share: its plan, its queue, who is at work, its records.

Files of the output folder where all are on one machine, a database where they are on several. Either is only a place:
what is done there is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from runs.home import Home
from runs.presence import Presence

if TYPE_CHECKING:
    from runs.queue import Queue


class Shared(Protocol):
    """A place where those who work on ablations meet. May be used by several threads of a process."""

    is_elsewhere: bool
    """Whether others may write records that are not in the output folder."""

    def alone(self, name: str, doing: str, patience: float = 0.0) -> AbstractContextManager[Callable[[], bool]]:
        """Holds what only one process at a time may do for an ablation; it is let go however this process ends.

        Yields what tells whether it is still held: a database that was restarted has let go of it. Raises Busy where
        another still holds it after `patience` seconds.
        """
        ...

    def read_plan(self, name: str) -> dict[str, Any] | None:
        """The plan as it was written last, with its campaign."""
        ...

    def write_plan(self, name: str, plan: dict[str, Any]) -> None: ...

    def running(self) -> list[str]:
        """The names of the ablations that somebody leads."""
        ...

    def queue(self, name: str, campaign: str) -> Queue: ...

    def drop_queues(self, name: str, keep: str) -> None:
        """Forgets the queues of all campaigns but one: they are of no use to anybody."""
        ...

    def enter(self, presence: Presence) -> None:
        """Somebody begins to work."""
        ...

    def tell(self, presence: Presence) -> None:
        """Somebody is still there, and does this."""
        ...

    def leave(self, presence: Presence) -> None: ...

    def present(self, name: str) -> list[Presence]:
        """Those at work on an ablation, less those of whom it is certain that they are dead."""
        ...

    def add(self, record: dict[str, Any]) -> bool:
        """Keeps the record of an attempt, unless that attempt has one: the first counts. Tells whether it was kept."""
        ...

    def get(self, record_id: str) -> dict[str, Any] | None:
        """A record that another machine wrote."""
        ...

    def fetch(self, fingerprints: Iterable[str], known: Collection[str]) -> Iterable[dict[str, Any]]:
        """Records of these runs that other machines wrote, less those whose ids are known."""
        ...


PATIENCE = 300.0
"""Seconds that a database may be away before those who work with it give up."""


def open_shared(home: Home, patience: float = 0.0) -> Shared:
    """The place that an output folder goes with; a database may first be away for `patience` seconds.

    Raises BadAddress where ABLATE_DATABASE names no PostgreSQL database, Unreachable where that cannot be used.
    """
    if home.database:
        from runs.shared.database import SharedDatabase

        return SharedDatabase(home, home.database, patience)
    from runs.shared.files import SharedFiles

    return SharedFiles(home)
