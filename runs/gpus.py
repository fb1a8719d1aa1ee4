"""The GPUs that this process may use, and how busy they are, asked of NVIDIA's management library (NVML), which neither
loads torch nor opens a CUDA context."""

from __future__ import annotations

import os
import runpy
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Any, NamedTuple, Self

from runs.visible import visible

DRIVERS = ("/dev/nvidiactl", "/dev/nvhost-gpu", "/dev/nvgpu", "/dev/dxg")
"""What NVIDIA's drivers put there, some of them without NVML: containers for computing only, single boards, WSL."""
EVERY = 0.5
"""Seconds between two looks at a GPU; what NVML says is itself a mean over up to a second."""


class Gpu(NamedTuple):
    """A GPU, or an instance of one that is split up (MIG)."""

    id: str
    """What CUDA_VISIBLE_DEVICES must be for a process to see it and no other: its uuid, since numbers depend on who
    counts."""
    name: str
    memory: int
    """Bytes; 0 where unknown."""
    exclusive: bool = False
    """Whether its owner lets one process at a time in."""


class Usage(NamedTuple):
    """What a GPU does at a moment, for all processes together."""

    memory: int
    """Bytes; 0 where unknown."""
    utilisation: int | None
    """Percent of the last second or less in which it computed anything; None where unknown, as of instances (MIG)."""


def find_gpus() -> list[Gpu]:
    """The GPUs that torch is built for and that CUDA_VISIBLE_DEVICES leaves to this process."""
    torch = _built_for()
    if torch.get("cuda") and (nvml := _nvml()):
        cards = dict(_cards(nvml))
        gpus = {gpu.id: gpu for parts in cards.values() for gpu in parts}
        names = {card: [gpu.id for gpu in parts] for card, parts in cards.items()}
        return [gpus[name] for name in visible(os.environ.get("CUDA_VISIBLE_DEVICES"), names)]
    if torch.get("hip") or (torch.get("cuda") and any(map(os.path.exists, DRIVERS))):
        return _counted_by_torch()
    return []


def usage(gpu: str) -> Usage | None:
    """What a GPU does now; None where nobody can tell."""
    nvml = _nvml()
    handle = _asked(nvml.nvmlDeviceGetHandleByUUID, gpu) if nvml else None
    if nvml is None or handle is None:
        return None
    memory, rates = _asked(nvml.nvmlDeviceGetMemoryInfo, handle), _asked(nvml.nvmlDeviceGetUtilizationRates, handle)
    return Usage(memory.used if memory else 0, rates.gpu if rates else None)


class GpuMeter:
    """How busy a GPU is while the context lasts; knows nothing of a core (None)."""

    def __init__(self, gpu: str | None):
        self.gpu, self._seen, self._over = gpu, list[int](), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def utilisation(self) -> float | None:
        """Percent, over the second half of the time: in the first, images are read and kernels are chosen."""
        settled = self._seen[len(self._seen) // 2 :]
        return fmean(settled) if settled else None

    def _look(self) -> None:
        while self.gpu and not self._over.wait(EVERY):
            found = usage(self.gpu)
            if found is None or found.utilisation is None:
                return
            self._seen.append(found.utilisation)


@cache
def _nvml() -> ModuleType | None:
    """NVML, ready to be asked; None where there is no driver that brings it."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    return pynvml


def _asked(question: Callable[..., Any], *about: Any) -> Any:
    """What NVML answers; None where it cannot, which old cards, instances and virtual ones often make it say."""
    from pynvml import NVMLError

    try:
        return question(*about)
    except NVMLError:
        return None


def _cards(nvml: ModuleType) -> Iterator[tuple[str, list[Gpu]]]:
    """Along the PCI bus: a card's uuid, and what CUDA can use of it."""
    for index in range(nvml.nvmlDeviceGetCount()):
        with suppress(nvml.NVMLError):  # one that is counted, but somebody else's, or broken
            card = nvml.nvmlDeviceGetHandleByIndex(index)
            yield nvml.nvmlDeviceGetUUID(card), [_gpu(nvml, part) for part in _parts(nvml, card)]


def _parts(nvml: ModuleType, card: Any) -> list[Any]:
    """The card itself; where it is split up (MIG), which hides it from CUDA, its instances."""
    mode = _asked(nvml.nvmlDeviceGetMigMode, card)
    if mode is None or mode[0] != nvml.NVML_DEVICE_MIG_ENABLE:
        return [card]
    places = range(nvml.nvmlDeviceGetMaxMigDeviceCount(card))
    found = (_asked(nvml.nvmlDeviceGetMigDeviceHandleByIndex, card, place) for place in places)
    return [part for part in found if part is not None]


def _gpu(nvml: ModuleType, part: Any) -> Gpu:
    memory = _asked(nvml.nvmlDeviceGetMemoryInfo, part)
    exclusive = _asked(nvml.nvmlDeviceGetComputeMode, part) == nvml.NVML_COMPUTEMODE_EXCLUSIVE_PROCESS
    return Gpu(nvml.nvmlDeviceGetUUID(part), nvml.nvmlDeviceGetName(part), memory.total if memory else 0, exclusive)


def _built_for() -> dict[str, Any]:
    """`cuda` and `hip`, the versions that torch is built for, from its own file: loading torch takes seconds."""
    found = find_spec("torch")
    return runpy.run_path(str(Path(found.origin).with_name("version.py"))) if found and found.origin else {}


def _counted_by_torch() -> list[Gpu]:
    """Where there is no NVML: as many as torch counts, by the names that the user gave them, else by number."""
    import torch

    mask = os.environ.get("HIP_VISIBLE_DEVICES") or os.environ.get("CUDA_VISIBLE_DEVICES") or ""
    count = torch.cuda.device_count()
    names = [name.strip() for name in mask.split(",") if name.strip()] or [str(index) for index in range(count)]
    return [Gpu(name, "GPU", memory=0) for name in names[:count]]
