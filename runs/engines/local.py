"""Warm worker processes on this machine, one per slot."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import ModuleType
from typing import NamedTuple, Self

from runs.events import Broken, Died, Event, Quiet
from runs.home import Home
from runs.slots import Slot, pin

TICK = 1.0
"""Seconds after which `Quiet` is reported."""
IDLE = 0.2
"""Seconds after which an idle worker looks again whether a run came back to the queue."""
GRACE = 5.0
"""Seconds that a worker has for leaving when it is told to."""


class _Worker(NamedTuple):
    slot: Slot
    process: SpawnProcess
    pipe: Connection


class Local:
    """Spawned processes that pull runs from the queue until the context is left; a dead one is replaced."""

    def __init__(self, home: Home, name: str, slots: list[Slot]):
        self.home, self.name, self.slots = home, name, slots
        self.workers: list[_Worker] = []

    def __enter__(self) -> Self:
        self.workers = [self._start(slot) for slot in self.slots]
        return self

    def __exit__(self, *exception: object) -> None:
        for worker in self.workers:
            worker.process.terminate()
        for worker in self.workers:
            worker.process.join(GRACE)
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()

    def events(self) -> Iterator[Event]:
        while True:
            ready = set(wait([worker.pipe for worker in self.workers], timeout=TICK))
            if not ready:
                yield Quiet()
            for index, worker in enumerate(self.workers):
                if worker.pipe in ready:
                    yield self._heard(index, worker)

    def _heard(self, index: int, worker: _Worker) -> Event:
        try:
            return worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join()
            worker.pipe.close()
            self.workers[index] = self._start(worker.slot)
            return Died(worker.slot.name, f"its worker {_how_it_ended(worker.process.exitcode)}")

    def _start(self, slot: Slot) -> _Worker:
        # Never fork: a forked journal loses trials, and CUDA does not survive it.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(slot, self.home, self.name, theirs), name=slot.name, daemon=True)
        with _main_hidden():
            process.start()
        theirs.close()  # so that the pipe ends when the worker does
        return _Worker(slot, process, ours)


@contextlib.contextmanager
def _main_hidden() -> Iterator[None]:
    """A spawned process runs the file that its parent was started with once more, and a script without a guard would
    start everything again in every worker; workers need nothing of it."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def serve(slot: Slot, home: Home, name: str, pipe: Connection) -> None:
    """A worker's life: imports once, then run after run until its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the parent decides
    threading.Thread(target=_leave_with_parent, args=(pipe,), daemon=True).start()
    pin(slot)
    try:
        _work(slot, home, name, pipe)
    except KeyboardInterrupt:
        os._exit(0)  # told to leave in the middle of a run, which somebody will train again
    except OSError as error:
        pipe.send(Broken(slot.name, f"{error.strerror or error} ({error.filename or home.root})"))


def _work(slot: Slot, home: Home, name: str, pipe: Connection) -> None:
    import torch

    import modules.training  # noqa: F401, imported before the first claim, so that no run pays for it
    from runs.work import Workbench

    torch.set_num_threads(1)
    bench = Workbench(home, name, slot.name, slot.device)
    gc.collect()
    gc.freeze()  # what is imported stays; collections need not look at it again
    while True:
        if bench.work_one(pipe.send):
            gc.collect()  # Trainers refer to themselves in circles
        else:
            time.sleep(IDLE)


def _leave_with_parent(pipe: Connection) -> None:
    """The parent never sends, so the pipe has something to read only when it is gone. Nothing is left to clean up
    for: what was recorded is on disk, what was not will be trained again."""
    with contextlib.suppress(EOFError, OSError):
        pipe.recv()
    os._exit(0)


def _how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was killed ({signal.Signals(-code).name})"
    return f"exited with code {code}"
