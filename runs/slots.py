"""Slots: the places where a run can be trained, one worker each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from modules.cores import usable_cores
from runs.gpus import find_gpus

PerGpu = int | Literal["auto"]
"""How many workers share a GPU; `auto` begins with one, and more are added when it is known what a run needs."""


@dataclass(frozen=True)
class Slot:
    """A core, or a share of a GPU. A worker's slot does not change: with another share it is another slot."""

    index: int
    """Which core, or which of those that share the GPU."""
    gpu: str | None = None
    """What CUDA_VISIBLE_DEVICES must be for the worker to see its GPU and no other; None for a core."""
    number: int = 0
    """Of the GPU, among those that were found."""
    per_gpu: int = 1
    """How many share the GPU."""
    threads: int = field(default=1, compare=False)
    """Of the processor, for the worker. No more than one on a core: their number moves the last bits of a sum. It is no
    reason to begin anew, so slots that differ in nothing else are equal."""

    @property
    def name(self) -> str:
        return f"cpu{self.index}" if self.gpu is None else f"gpu{self.number}.{self.index}"

    @property
    def device(self) -> str:
        return "cpu" if self.gpu is None else "cuda"

    @property
    def share(self) -> float:
        """The part of its GPU that is the worker's."""
        return 1 / self.per_gpu


def find_slots(workers: int | None = None, per_gpu: PerGpu = 1) -> list[Slot]:
    """`per_gpu` slots for every GPU there is, else one for every core this process may use; at most `workers`.

    Raises ValueError where there could be none.
    """
    check_counts(workers, per_gpu)
    return slots_of({gpu.id: first_level(per_gpu) for gpu in find_gpus()}, workers)


def check_counts(workers: int | None, per_gpu: PerGpu) -> None:
    """Raises ValueError where there could be no slot."""
    if isinstance(per_gpu, str) and per_gpu != "auto":
        raise ValueError(f"per_gpu must be auto or a whole number of at least 1, not {per_gpu!r}")
    for name, count in (("workers", workers), ("per_gpu", first_level(per_gpu))):
        if count is not None and count < 1:
            raise ValueError(f"{name} must be at least 1, not {count}")


def first_level(per_gpu: PerGpu) -> int:
    """How many share a GPU in the beginning."""
    return 1 if per_gpu == "auto" else per_gpu


def slots_of(levels: Mapping[str, int], workers: int | None = None) -> list[Slot]:
    """The slots of GPUs of which each is shared by so many, at most `workers`, who are spread over them evenly; without
    a GPU, those of the cores."""
    if not levels:
        return [Slot(index) for index in range(workers or usable_cores())]
    places = sorted((share, number) for number, level in enumerate(levels.values()) for share in range(level))[:workers]
    sharing, gpus = Counter(number for _, number in places), list(levels)
    threads = max(1, usable_cores() // len(places))
    return [Slot(share, gpus[number], number, sharing[number], threads) for share, number in places]


def pin(slot: Slot) -> None:
    """Makes this process use its slot and nothing else. Must come before torch is imported."""
    os.environ.update(_pins(slot))
    os.environ.pop("HIP_VISIBLE_DEVICES", None)  # with AMD's cards it would have the last word


@contextmanager
def pinned(slot: Slot) -> Iterator[None]:
    """The environment of this process is meanwhile what a worker in the slot is to find when it starts."""
    before = dict(os.environ)
    pin(slot)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _pins(slot: Slot) -> dict[str, str]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(slot.threads))
    # Numbers, where there are no uuids, are then nvidia-smi's, and in whatever else the worker may start.
    gpu = {"CUDA_VISIBLE_DEVICES": slot.gpu or "", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    return {**threads, **gpu, "CUBLAS_WORKSPACE_CONFIG": os.environ.get("CUBLAS_WORKSPACE_CONFIG", ":4096:8")}
