"""Progress in a notebook: one output that is renewed while runs are carried out, and stays as it was at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from ablations.views import View

REST = 0.25
"""Seconds between two renewals; every one is a message to the browser."""


class Display(Protocol):
    """What IPython gives for something shown that may change."""

    def update(self, view: View) -> None: ...


@contextmanager
def renewed(view: Callable[[], View], show: Callable[[View], Display] | None = None) -> Iterator[Callable[[], None]]:
    """Shows a view, and gives what renews it; whatever happens meanwhile, the last state is shown."""
    shown, due = (show or _shown)(view()), 0.0

    def renew() -> None:
        nonlocal due
        if time.monotonic() >= due:
            shown.update(view())
            due = time.monotonic() + REST

    try:
        yield renew
    finally:
        shown.update(view())


def _shown(view: View) -> Display:
    from IPython.display import display  # where there is a notebook, there is IPython

    return display(view, display_id=True)
