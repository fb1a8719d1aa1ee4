"""Shipping: a thread takes records to MLflow, so that nobody who trains waits for it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from queue import Empty, SimpleQueue

from runs.campaign import Part
from runs.carrier import EVERY, Carrier, Spooled
from runs.events import Claim
from runs.home import Home
from runs.plan import Plan
from runs.presence import LEASE
from runs.records import Record

OFTEN = 5.0
"""Seconds between two times that one who waits is told how much is left."""
GRACE = 5.0
"""Seconds for what is left where the command was interrupted; the next one ships the rest."""
IN_HAND = 30.0
"""Seconds for ending what is in hand then, be it the making of the database."""


class Shipper:
    """Hands records and live curves to a carrier of its own, in the order in which it is told of them.

    Signals are the main thread's: an interruption never meets a database in the middle of its commit.
    """

    def __init__(self, plan: Plan, home: Home, part: Part):
        self._carrier = Carrier(plan, home, part)
        self._mail: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True, name="shipping")
        self._ended = threading.Event()  # join() takes a thread for dead once it was interrupted (Python 3.11)
        self._complete: bool | None = None
        self._closing = self._until = math.inf

    @property
    def waiting(self) -> int:
        """Records that the tracker has not taken yet."""
        return self._carrier.waiting

    def go_by(self, plan: Plan) -> None:
        """The plan as it is from now on: a search adds to it."""
        self._carrier.plan = plan

    def catch_up(self, records: Iterable[Record]) -> None:
        """Ships those that nobody has shipped. The first time this is called, the tracker is opened."""
        self._tell(partial(self._carrier.catch_up, [_spooled(record) for record in records]), self._carrier.hurry)

    def began(self, claim: Claim) -> None:
        self._tell(partial(self._carrier.began, claim))

    def point(self, key: str, epoch: int, measures: dict[str, float]) -> None:
        self._tell(partial(self._carrier.point, key, epoch, measures))

    def ship(self, record: Record) -> None:
        self._tell(partial(self._carrier.ship, _spooled(record)))

    def close(self, complete: bool, waits: Callable[[int], object], patience: float = math.inf) -> None:
        """Ships what is left, for so many seconds at most, unless the tracker is in trouble; `waits` is told how much
        that is, now and then. An interruption ends it."""
        if self._thread.ident is None:
            return
        self._until = time.monotonic() + patience
        self._tell(partial(self._end, complete), self._carrier.hurry)
        try:
            self._wait(waits)
        except BaseException:
            self._until = time.monotonic()
            self._ended.wait(IN_HAND)
            raise

    def _wait(self, waits: Callable[[int], object]) -> None:
        while not self._ended.wait(OFTEN) and time.monotonic() < self._until + IN_HAND:
            if self.waiting:
                waits(self.waiting)

    def _tell(self, *messages: Callable[[], None]) -> None:
        if self._thread.ident is None:
            self._thread.start()
        for message in messages:
            self._mail.put(message)

    def _end(self, complete: bool) -> None:
        self._complete, self._closing = complete, time.monotonic()

    def _work(self) -> None:
        try:
            self._go_on()
        finally:
            self._ended.set()

    def _go_on(self) -> None:
        while self._complete is None or self._is_needed:
            self._read_mail()
            self._carrier.step()
            if self._complete is not None and self._carrier.trouble is not None:
                break
        self._carrier.finish(self._complete)

    @property
    def _is_needed(self) -> bool:
        """Whether there is something to ship, or others may leave it to this command: they have shipped their records
        or are known to be dead after two leases."""
        patience = self._until if self._carrier.is_behind else min(self._until, self._closing + 2 * LEASE + EVERY)
        return self._carrier.waiting > 0 and time.monotonic() < patience

    def _read_mail(self) -> None:
        """All there is; where there is none, as long as the carrier may rest."""
        try:
            self._mail.get(timeout=self._carrier.rest)()
            while True:
                self._mail.get_nowait()()
        except Empty:
            return


def _spooled(record: Record) -> Spooled:
    return Spooled(record["id"], record["fingerprint"], record.get("member"))
