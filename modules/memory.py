"""Memory: whether an error says that it ran out, and how much of a GPU's the tensors of this process may take."""

from __future__ import annotations

import re

import torch

RAN_OUT = re.compile(
    r"CUDA.*out of memory"
    r"|\bCU[A-Z]+_\w*ALLOC(ATION)?_FAILED"
    r"|\bCU(BLAS|DNN)_STATUS_NOT_INITIALIZED"  # no handle could be made, for which a full GPU is the usual reason
    r"|DefaultCPUAllocator: (can't allocate|not enough) memory",
    re.DOTALL,
)
"""What torch and NVIDIA's libraries say in errors of no class of their own."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, or one that it was raised from, says that memory ran out: a GPU's or the machine's."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if isinstance(error, RuntimeError) and RAN_OUT.search(str(error)):
        return True
    return error.__cause__ is not None and is_out_of_memory(error.__cause__)


def limit_memory(share: float, device: str) -> None:
    """Lets the tensors of this process take at most a `share`, above 0 and up to 1, of the memory of its GPU."""
    if device != "cpu":
        torch.cuda.set_per_process_memory_fraction(share)
