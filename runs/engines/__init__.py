"""Engines: where runs are carried out. Each is a context whose `events()` last until it is left.

An engine begins to work when its context is entered: by then the plan is on disk and the queue is filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from runs.engines.inline import Inline
from runs.engines.local import Local
from runs.events import Event
from runs.home import Home
from runs.slots import Slot


class Engine(AbstractContextManager["Engine"], Protocol):
    """Where runs are carried out."""

    def events(self) -> Iterator[Event]:
        """What happens, as it happens; `Quiet` where nothing does for a while."""
        ...


ENGINES: dict[str, Callable[[Home, str, list[Slot]], Engine]] = {"local": Local, "inline": Inline}
