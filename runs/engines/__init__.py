"""Engines: where runs are carried out. Each is a context whose `events()` last until it is left.

An engine begins to work when its context is entered: by then the plan is on disk and the queue is filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

from runs.engines.inline import Inline
from runs.engines.local import Local
from runs.events import Event


class Engine(AbstractContextManager["Engine"], Protocol):
    """Where runs are carried out."""

    def events(self) -> Iterator[Event]:
        """What happens, as it happens; `Quiet` where nothing does for a while."""
        ...


class CannotWork(ValueError):
    """An engine cannot carry out runs here; the message says why, and the cure."""


def _ray(*told: Any, **options: Any) -> Engine:
    """Ray is large, and installed only where it is asked for."""
    try:
        from runs.engines.ray import Ray
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "ray":
            raise
        raise CannotWork("engine ray needs Ray, which is not installed: pip install 'ablations[ray]'") from None
    return Ray(*told, **options)


ENGINES: dict[str, Callable[..., Engine]] = {"local": Local, "inline": Inline, "ray": _ray}
"""Each is made of the output folder, the ablation's name, the places to work at, the command that it works for."""
