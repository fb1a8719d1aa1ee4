"""A worker on a machine that somebody else's scheduler chose: what it is told, what it sends home.

It knows of the scheduler nothing but that it was started by it, so it loads none.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from runs.engines import CannotWork
from runs.engines.local import broken, work_on
from runs.events import Ended, Event
from runs.gpus import find_gpus
from runs.home import Home
from runs.presence import new_name
from runs.slots import Slot, pin

if TYPE_CHECKING:
    from runs.work import Train


class Told(NamedTuple):
    """What a worker is told. It goes with a call, which no log shows: the environment may hold a password."""

    host: str
    folder: str
    environment: dict[str, str]
    work: tuple[Home, str, str, Train | None, bool]


class Parcel(NamedTuple):
    """An event, with the weights of a run that ended on another machine."""

    event: Event
    weights: bytes | None = None


class Worker:
    """A worker, in a process of its own."""

    def work(self, slot: Slot, told: Told) -> Iterator[str | Parcel]:
        """Its life: its name, and then whatever happens, as it happens."""
        os.environ.update(told.environment)
        with suppress(OSError):  # another machine may have no such folder, and needs none
            os.chdir(told.folder)
        check_meeting(told)
        slot = placed(slot)
        pin(slot)
        yield (worker := new_name(slot.name))
        news: SimpleQueue[Parcel | BaseException] = SimpleQueue()
        threading.Thread(target=_serve, args=(slot, worker, news, told), daemon=True).start()
        while True:
            item = news.get()
            if isinstance(item, BaseException):
                raise item
            yield item


def check_meeting(told: Told) -> None:
    """Raises CannotWork where a worker and its command share neither files, with their locks, nor a database."""
    home, name, *_ = told.work
    here = socket.gethostname()
    if not home.database and (here != told.host or not home.plan(name).exists()):
        raise CannotWork(
            f"a worker on {here} does not share {home.root} with this command on {told.host}; "
            "set ABLATE_DATABASE to a PostgreSQL database that all machines reach"
        )


def placed(slot: Slot) -> Slot:
    """The slot, with the GPU that the scheduler has given to this process."""
    if slot.gpu is None:
        return slot
    gpus = find_gpus()
    if not gpus:
        raise CannotWork(f"a worker on {socket.gethostname()} was given a GPU, but torch there is built for none")
    return replace(slot, gpu=gpus[0].id)


def _serve(slot: Slot, worker: str, news: SimpleQueue[Parcel | BaseException], told: Told) -> None:
    """Works in a thread beside the one that hands the news over, since an event must not wait for the next one."""
    home = told.work[0]
    try:
        home.prepare()
        work_on(slot, worker, lambda event: news.put(packed(event, told)), threading.Event(), *told.work)
    except OSError as error:
        news.put(Parcel(broken(worker, error, home)))
    except BaseException as error:
        news.put(error)


def packed(event: Event, told: Told) -> Parcel:
    """An event as it is sent: weights go along where the command cannot read them, and are then not kept here."""
    if not isinstance(event, Ended) or socket.gethostname() == told.host:
        return Parcel(event)
    path = told.work[0].weights_of(event.record_id)
    weights = path.read_bytes() if path.exists() else None
    path.unlink(missing_ok=True)
    return Parcel(event, weights)
