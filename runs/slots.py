"""Slots: the places where a run can be trained, one worker each."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Slot:
    """A core, or a share of a GPU."""

    index: int
    gpu: str | None = None
    """What CUDA_VISIBLE_DEVICES must be for the worker to see its GPU and no other; None for a core."""

    @property
    def name(self) -> str:
        return f"cpu{self.index}" if self.gpu is None else f"gpu{self.gpu}.{self.index}"

    @property
    def device(self) -> str:
        return "cpu" if self.gpu is None else "cuda"


def find_slots(workers: int | None = None, per_gpu: int = 1) -> list[Slot]:
    """`per_gpu` slots for every GPU there is, else one for every core this process may use; at most `workers`.

    Raises ValueError where there could be none.
    """
    for name, count in (("workers", workers), ("per_gpu", per_gpu)):
        if count is not None and count < 1:
            raise ValueError(f"{name} must be at least 1, not {count}")
    gpus = visible_gpus()
    if gpus:
        slots = [Slot(share, gpu) for share in range(per_gpu) for gpu in gpus]
        return slots[:workers]
    return [Slot(index) for index in range(workers or usable_cores())]


def usable_cores() -> int:
    """Cores this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def visible_gpus() -> list[str]:
    """GPUs by the names that CUDA_VISIBLE_DEVICES gives them, where it is set, else by number."""
    import torch

    count = torch.cuda.device_count()
    named = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    return named[:count] if named else [str(index) for index in range(count)]


def pin(slot: Slot) -> None:
    """Makes this process use its slot and nothing else. Must come before torch is imported.

    One thread each: on small networks one worker per core beats fewer workers with more threads.
    """
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["CUDA_VISIBLE_DEVICES"] = slot.gpu or ""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
