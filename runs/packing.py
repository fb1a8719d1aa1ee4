"""How many workers share a GPU: as many as its memory and its idle time allow, fewer where memory ran out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from modules.cores import usable_cores
from runs.gpus import Gpu, find_gpus
from runs.slots import PerGpu, Slot, check_counts, first_level, slots_of

MOST = 16
"""Workers that share a GPU, however little a run needs."""
CONTEXT = 600 * 2**20
"""Bytes that a process takes of a GPU beside its tensors: CUDA's context, the libraries' kernels and workspaces. An
assumption, since it differs by card and version."""
SLACK = 1.25
"""What the allocator of torch holds, over what tensors take at most: blocks are of few sizes, and holes remain."""
KEPT = 0.1
"""Of a GPU's memory, for whatever else there is."""


def fits(memory: int, peak: float, utilisation: float, cores: int) -> int:
    """How many workers may share a GPU of so many bytes, where a run takes `peak` bytes at most and keeps the GPU busy
    for `utilisation` percent of its time (0: unknown), and so many cores are there for them.

    Kernels of several processes take turns, unless NVIDIA's Multi-Process Service is on: where one is at work 70 % of
    the time, a second can at best add the other 30 %. So only as many share as can each have the time that they need.
    """
    in_memory = (1 - KEPT) * memory / (SLACK * peak + CONTEXT)
    in_time = 100 / utilisation if utilisation else MOST
    return max(1, int(min(MOST, cores, in_memory, in_time)))


def tensor_share(memory: int, per_gpu: int) -> float:
    """The part of a GPU's memory that the tensors of each of `per_gpu` workers may take, so that one that grows takes
    nothing of the others; all of it for one alone."""
    return 1.0 if per_gpu == 1 else max(0.01, (1 - KEPT) / per_gpu - CONTEXT / memory)


def halved(per_gpu: int) -> int:
    """How many share a GPU after memory ran out."""
    return max(1, per_gpu // 2)


class Packing:
    """How many workers share each GPU of one machine, as it turns out while runs end."""

    def __init__(self, gpus: Sequence[Gpu], workers: int | None = None, per_gpu: PerGpu = 1):
        check_counts(workers, per_gpu)
        self.gpus, self.workers, self.per_gpu = gpus, workers, per_gpu
        self.grows = per_gpu == "auto"
        self.levels = {gpu.id: first_level(per_gpu) for gpu in gpus}
        self.limits = {gpu.id: 1 if gpu.exclusive else MOST for gpu in gpus}
        self.peak = self.busy = 0.0
        """What the neediest run took: bytes, percent of its GPU's time."""

    @classmethod
    def here(cls, workers: int | None = None, per_gpu: PerGpu = 1) -> Self:
        """Of the GPUs that this process may use."""
        return cls(find_gpus(), workers, per_gpu)

    def slots(self) -> list[Slot]:
        """Those that are wanted now."""
        return slots_of(self.levels, self.workers)

    def learn(self, slot: Slot, peak: float, utilisation: float | None) -> None:
        """Takes note of a run that ended well in a slot: the bytes of its tensors, and how busy all who share the GPU
        kept it, in percent, as far as that is known. Adds workers where there is room, if nobody said how many."""
        self.peak = max(self.peak, peak)
        self.busy = max(self.busy, (utilisation or 0.0) * slot.share)
        cores = usable_cores() // max(1, len(self.gpus))
        for gpu in self.gpus if self.grows else ():
            room = min(self.limits[gpu.id], fits(gpu.memory, self.peak, self.busy, cores))
            self.levels[gpu.id] = max(self.levels[gpu.id], room)

    def back_off(self, slot: Slot) -> bool:
        """Takes note that memory ran out in a slot: half as many share its GPU from now on, and never more. False where
        it had the GPU to itself, so that nothing is gained by trying again.

        Several that run out together count once, since it is their share that was too small.
        """
        if slot.gpu is None or slot.per_gpu == 1:
            return False
        self.limits[slot.gpu] = min(self.limits[slot.gpu], halved(slot.per_gpu))
        self.levels[slot.gpu] = min(self.levels[slot.gpu], self.limits[slot.gpu])
        return True


def changes(current: Sequence[Slot], wanted: Sequence[Slot]) -> tuple[list[Slot], list[Slot]]:
    """Slots whose workers have to leave when their run has ended, and those that can begin: on a GPU from which
    somebody has to leave, none can, because those there now were promised its memory."""
    leaving = [slot for slot in current if slot not in wanted]
    left = {slot.gpu for slot in leaving}
    return leaving, [slot for slot in wanted if slot not in current and slot.gpu not in left]


def slots_in(places: Sequence[Slot] | Packing) -> list[Slot]:
    """The slots of a packing as it is now; slots that do not change are themselves."""
    return places.slots() if isinstance(places, Packing) else list(places)
