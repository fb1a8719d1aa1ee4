"""Interruptions that wait until the book-keeping in hand is done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Holds Ctrl-C and SIGTERM back until the block is left; a second one breaks through.

    A handler that raises in the middle of a database's commit leaves the database locked by its own process, and a
    library in between may take the exception for an error of its own. Handlers belong to the main thread: elsewhere,
    and inside another such block, this does nothing.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or isinstance(signal.getsignal(SIGNALS[0]), _Holder):
        yield
        return
    holder = _Holder()
    try:
        yield
    finally:
        holder.let_go()
    if holder.held is not None:
        signal.raise_signal(holder.held)


class _Holder:
    """A signal handler that remembers the first signal and hands on the second."""

    def __init__(self) -> None:
        self.held: int | None = None
        self._before = {number: signal.signal(number, self) for number in SIGNALS}

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.held is not None:
            self.let_go()
            signal.raise_signal(number)
        self.held = number

    def let_go(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
