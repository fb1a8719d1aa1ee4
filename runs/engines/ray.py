"""Warm worker processes on a cluster of Ray (Moritz et al., OSDI 2018), one per core or share of a GPU.

The one file that knows Ray. Ray places the workers and tells of their deaths; which run comes next and what became of
it goes by the queue and the records, as everywhere.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import floor
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

import ray
from ray.exceptions import RayError

from modules.cores import usable_cores
from modules.names import in_a_line
from runs.engines import CannotWork
from runs.engines.afar import Parcel, Told, Worker
from runs.engines.local import TICK
from runs.events import Died, Ended, Event, Quiet
from runs.files import write_whole
from runs.gpus import find_gpus
from runs.home import Home
from runs.packing import Packing
from runs.presence import LEASE
from runs.slots import Slot

if TYPE_CHECKING:
    from runs.work import Train

LOOK = 3.0
"""Seconds between two looks at what the cluster has."""
CONNECTING = 5.0
"""Seconds for an address to answer. Ray itself tries for many minutes."""
HANDED_OVER = ("ABLATE_", "MLFLOW_", "PG")
"""How names in the environment begin that workers need: the database, the tracker."""
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Ray neither reports home nor announces what its next version will do."""
STORE = 100 * 2**20
"""Bytes of shared memory for Ray on one machine, where nothing large is handed over; by default it takes a third."""


@dataclass
class _Worker:
    slot: Slot
    actor: Any
    stream: Any
    name: str
    """That of its slot, until it has told its own."""


class Ray:
    """Actors that pull runs from the queue until the context is left; a dead one is replaced as soon as Ray has a place
    for another, and machines that join the cluster get some, too."""

    def __init__(
        self, home: Home, name: str, places: Sequence[Slot] | Packing, member: str = "", train: Train | None = None,
        other_code: bool = False, address: str | None = None,
    ):  # fmt: skip
        self.home, self.address = home, address
        self.most, self.per_gpu = _asked_for(places)
        self.told = (home, name, member, train, other_code)
        self.workers: list[_Worker] = []
        self._held = ExitStack()

    def __enter__(self) -> Self:
        self._held.enter_context(connected(self.address, self.most))
        self._on_gpus = _capacity("GPU") > 0
        self._grow()
        return self

    def __exit__(self, *exception: object) -> None:
        for worker in self.workers:
            ray.kill(worker.actor)
        self._held.close()

    def events(self) -> Iterator[Event]:
        while True:
            if monotonic() >= self._next_look:
                self._grow()
            ready, _ = ray.wait([worker.stream for worker in self.workers], timeout=TICK, fetch_local=False)
            if not ready:
                yield Quiet()
            for worker in [worker for worker in self.workers if worker.stream in ready]:
                yield self._heard(worker)

    def _heard(self, worker: _Worker) -> Event:
        self.workers.remove(worker)
        try:
            item = ray.get(next(worker.stream))
        except (RayError, StopIteration) as error:
            return self._gone(worker, error)
        self.workers.append(worker)  # behind the others: Ray tells of the first that has something to say
        if isinstance(item, str):
            worker.name = item
            return Quiet()
        return self._unpacked(item)

    def _unpacked(self, parcel: Parcel) -> Event:
        if isinstance(parcel.event, Ended) and parcel.weights is not None:
            write_whole(self.home.weights_of(parcel.event.record_id), parcel.weights)
        return parcel.event

    def _gone(self, worker: _Worker, error: Exception) -> Event:
        cause = getattr(error, "cause", None)
        if isinstance(cause, CannotWork):
            raise CannotWork(str(cause)) from None
        ray.kill(worker.actor)  # it may be no more than out of reach
        self.workers.append(self._start(worker.slot))
        return Died(worker.name, f"its worker is gone ({_in_short(cause or error)})")

    def _grow(self) -> None:
        """Asks for the workers that are wanted and not there. Ray starts each when it has the resources for it."""
        self._next_look = monotonic() + LOOK
        taken = {worker.slot for worker in self.workers}
        self.workers += [self._start(slot) for slot in self._slots() if slot not in taken]

    def _slots(self) -> list[Slot]:
        """By number, over all machines; on which GPU a worker is, it finds out itself."""
        if not self._on_gpus:
            return [Slot(index) for index in range(self.most or max(1, _capacity("CPU")))]
        count = self.most or max(1, _capacity("GPU") * self.per_gpu)
        threads, share = max(1, _capacity("CPU") // count), self.per_gpu
        return [Slot(index % share, "given by Ray", index // share, share, threads) for index in range(count)]

    def _start(self, slot: Slot) -> _Worker:
        share = {"num_cpus": 0, "num_gpus": _part(self.per_gpu)} if slot.gpu else {"num_cpus": 1}
        first = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "ABLATE_LEASE": f"{LEASE:g}"}
        actor: Any = ray.remote(Worker).options(**share, runtime_env={"env_vars": first}).remote()
        handed_over = {key: value for key, value in os.environ.items() if key.startswith(HANDED_OVER)}
        told = Told(socket.gethostname(), os.getcwd(), handed_over, self.told)
        stream = actor.work.options(num_returns="streaming").remote(slot, told)
        return _Worker(slot, actor, stream, slot.name)


def _asked_for(places: Sequence[Slot] | Packing) -> tuple[int | None, int]:
    """How many workers at most, and how many for each GPU."""
    if not isinstance(places, Packing):
        return len(places), places[0].per_gpu
    if places.per_gpu == "auto":
        raise CannotWork("engine ray places workers before anybody knows what a run needs: give per_gpu a number")
    return places.workers, places.per_gpu


def _part(per_gpu: int) -> float:
    """Of a GPU, in the ten-thousandths that Ray counts in."""
    return floor(10_000 / per_gpu) / 10_000


def _capacity(resource: str) -> int:
    """What the machines of the cluster have, taken or free."""
    return sum(int(node["Resources"].get(resource, 0)) for node in ray.nodes() if node["Alive"])


def _in_short(error: BaseException) -> str:
    """Ray's words, whose last line says why, in many sentences."""
    if not isinstance(error, RayError):
        return in_a_line(error)
    return f"{type(error).__name__}: {str(error).strip().splitlines()[-1].partition('. ')[0]}"


@contextmanager
def connected(address: str | None, workers: int | None = None) -> Iterator[None]:
    """Meanwhile, this process is connected to the cluster at an address, or to that of RAY_ADDRESS. Without either, Ray
    runs on this machine alone, as long as the context lasts."""
    if ray.is_initialized():
        yield
        return
    os.environ.update(QUIET)
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    _check_address(address)
    cores = workers or usable_cores()
    alone: dict[str, Any] = {
        "num_cpus": cores,
        "num_gpus": len(find_gpus()),
        "object_store_memory": STORE,
        "include_dashboard": False,
    }
    try:
        with _sigterm_kept():
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **alone if address == "local" else {})
        yield
    finally:
        ray.shutdown()


def _check_address(address: str) -> None:
    """Raises CannotWork, with the cure, where no cluster can be there."""
    if address.startswith("ray://"):
        raise CannotWork(f"{address}: run the command on a machine of the cluster, with `--address auto`")
    host, _, port = address.rpartition(":")
    if address == "local" or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), CONNECTING).close()
    except OSError as error:
        raise CannotWork(f"{address}: no Ray cluster answers ({error}); `ray start --head` starts one") from None


@contextmanager
def _sigterm_kept() -> Iterator[None]:
    """Ray would have this process exit at once, with what it shows and ships left as it is."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
