"""Warm worker processes on this machine, one per slot."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from runs.events import Broken, Crowded, Died, Ended, Event, Quiet
from runs.home import Home
from runs.packing import Packing, changes, slots_in, tensor_share
from runs.presence import new_name
from runs.slots import Slot, pin, pinned

if TYPE_CHECKING:
    from runs.work import Tell, Train

TICK = 1.0
"""Seconds after which `Quiet` is reported."""
IDLE, LONGEST_IDLE = 0.2, 2.0
"""Seconds after which an idle worker looks again whether a run came back to the queue; later and later, since a look
costs a database that many share."""
GRACE = 5.0
"""Seconds that a worker has for leaving when it is told to."""
LEAVE = "leave"
"""What a parent says to a worker that is to end when its run has ended."""
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15


class _Worker(NamedTuple):
    slot: Slot
    name: str
    process: BaseProcess
    pipe: Connection


class Local:
    """Processes that pull runs from the queue until the context is left; a dead one is replaced.

    With a packing for places, workers come and go as it turns out how many of them a GPU can hold.
    """

    def __init__(
        self, home: Home, name: str, places: Sequence[Slot] | Packing, member: str = "", train: Train | None = None,
        other_code: bool = False,
    ):  # fmt: skip
        self.places, self.packing = places, places if isinstance(places, Packing) else None
        self.told = (home, name, member, train, other_code)
        self.workers: list[_Worker] = []
        self.leaving: set[str] = set()
        self._needs = ExitStack()

    def __enter__(self) -> Self:
        self._needs.enter_context(ready_server())
        self.workers = [self._start(slot) for slot in slots_in(self.places)]
        return self

    def __exit__(self, *exception: object) -> None:
        with self._needs:
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
            for worker in [worker for worker in self.workers if worker.pipe in ready]:
                yield self._heard(worker)

    def _heard(self, worker: _Worker) -> Event:
        try:
            event = worker.pipe.recv()
        except (EOFError, OSError):
            return self._gone(worker)
        if self.packing is not None and worker.slot.gpu is not None:
            self._repack(self.packing, worker.slot, event)
        return event

    def _gone(self, worker: _Worker) -> Event:
        worker.process.join()
        worker.pipe.close()
        self.workers.remove(worker)
        if worker.name in self.leaving:
            self.leaving.discard(worker.name)
            self._adjust()
            return Quiet()
        self.workers.append(self._start(worker.slot))
        return Died(worker.name, f"its worker {_how_it_ended(worker.process.exitcode)}")

    def _repack(self, packing: Packing, slot: Slot, event: Event) -> None:
        match event:
            case Ended(_, _, _, used) if used is not None:
                packing.learn(slot, *used)
                self._adjust()
            case Crowded():
                packing.back_off(slot)
                self._adjust()

    def _adjust(self) -> None:
        """Has workers leave, once their runs have ended, that the packing has no place for, and others begin."""
        assert self.packing is not None
        leaving, beginning = changes([worker.slot for worker in self.workers], self.packing.slots())
        for worker in self.workers:
            if worker.slot in leaving and worker.name not in self.leaving:
                self.leaving.add(worker.name)
                with contextlib.suppress(OSError):  # it died in this moment
                    worker.pipe.send(LEAVE)
        self.workers += [self._start(slot) for slot in beginning]

    def _start(self, slot: Slot) -> _Worker:
        # Never a fork of this process: a forked journal loses trials, and CUDA does not survive it. On cores, a server
        # that has imported everything and opened nothing is forked, which takes no time; on a GPU everything is
        # imported anew, when the worker has been given its GPU.
        context = multiprocessing.get_context("spawn" if slot.gpu else "forkserver")
        ours, theirs = context.Pipe()
        name = new_name(slot.name)
        process = context.Process(  # type: ignore[attr-defined]  # both of them have it
            target=serve, args=(slot, name, theirs, dict(os.environ), *self.told), name=name, daemon=True
        )
        if slot.gpu is None:
            _start_server(slot)
        with _main_hidden(), pinned(slot):
            process.start()
        theirs.close()  # so that the pipe ends when the worker does
        return _Worker(slot, name, process, ours)


multiprocessing.get_context("forkserver").set_forkserver_preload(
    ["modules.training", "runs.work", "runs.queue", "sklearn.datasets", "sklearn.model_selection"]
)  # what would else be imported by every worker in its first run
_needed = 0
"""How many need the server that workers are forked from."""


@contextlib.contextmanager
def ready_server(ahead: bool = False) -> Iterator[None]:
    """Workers that start meanwhile on cores are forked from one server, whose imports take seconds; `ahead` begins
    with them now. It stops when nobody needs it any more: what this process carries out later finds the code as it is
    by then, and the environment."""
    global _needed
    _needed += 1
    try:
        if ahead:
            _start_server(Slot(0))
        yield
    finally:
        _needed -= 1
        if _needed == 0:
            _stop_server()


def _start_server(slot: Slot) -> None:
    """Ctrl-C goes to all, and would have the server tell where in its imports it was."""
    with _main_hidden(), pinned(slot):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _stop_server() -> None:
    """At once, be it in the middle of its imports: it has no workers by now. A notebook has no other way."""
    server: Any = forkserver._forkserver  # type: ignore[attr-defined]
    if server._forkserver_pid is not None:
        os.kill(server._forkserver_pid, signal.SIGKILL)
    server._stop()


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


def serve(
    slot: Slot, worker: str, pipe: Connection, environment: dict[str, str], home: Home, name: str, member: str,
    train: Train | None, other_code: bool,
) -> None:  # fmt: skip
    """A worker's life: imports once, then run after run until it is told to leave or its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the parent decides
    die_with_parent()
    be_called(f"ablate {slot.name}")
    told_to_leave = threading.Event()
    threading.Thread(target=_listen, args=(pipe, told_to_leave), daemon=True).start()
    os.environ.update(environment)  # that of the server may be an older one
    pin(slot)
    try:
        work_on(slot, worker, pipe.send, told_to_leave, home, name, member, train, other_code)
    except KeyboardInterrupt:
        os._exit(0)  # told to leave in the middle of a run, which somebody will train again
    except OSError as error:
        pipe.send(broken(worker, error, home))


def broken(worker: str, error: OSError, home: Home) -> Broken:
    """What a worker says last that could not write."""
    return Broken(worker, f"{error.strerror or error} ({error.filename or home.root})")


def work_on(
    slot: Slot, worker: str, tell: Tell, told_to_leave: threading.Event, home: Home, name: str, member: str,
    train: Train | None, other_code: bool,
) -> None:  # fmt: skip
    """Run after run, in a process that has been pinned to its slot and has not loaded torch."""
    import torch

    import modules.training  # noqa: F401, imported before the first claim, so that no run pays for it
    from modules.memory import limit_memory
    from runs.work import Workbench

    torch.set_num_threads(1)  # wherever it works: their number moves the last bits of a sum
    if slot.per_gpu > 1:
        total = torch.cuda.get_device_properties(0).total_memory
        limit_memory(tensor_share(total, slot.per_gpu), slot.device)
    bench = Workbench(home, name, worker, slot, member, train, other_code)
    _tidy()
    idle = IDLE
    with bench.lease:
        while not told_to_leave.is_set():
            if bench.work_one(tell):
                _tidy()
                idle = IDLE
            else:
                told_to_leave.wait(idle)
                bench.look_around()
                idle = min(1.2 * idle, LONGEST_IDLE)


def _tidy() -> None:
    """Trainers refer to themselves in circles. What is left, imports and the queue's memory, stays: collections need
    not look at it again, which after thousands of runs would take longer than a small run."""
    gc.collect()
    gc.freeze()


def _listen(pipe: Connection, told_to_leave: threading.Event) -> None:
    """Waits for the word to leave. Where the parent is gone, nothing is left to clean up for: what was recorded is on
    disk, what was not will be trained again."""
    with contextlib.suppress(EOFError, OSError):
        if pipe.recv() == LEAVE:
            told_to_leave.set()
            pipe.recv()
    os._exit(0)


def die_with_parent() -> None:
    """Has Linux kill this process when its parent dies, even while it is stopped."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def be_called(name: str) -> None:
    """What `ps` and `top` show on Linux, up to 15 letters; a fork is else called like its server."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode())


def _how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was killed ({signal.Signals(-code).name})"
    return f"exited with code {code}"
