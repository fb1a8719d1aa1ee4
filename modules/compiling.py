"""Networks compiled for training, by torch.compile (Ansel et al. 2024, ASPLOS)."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch._dynamo.exc import ShortenTraceback as NoCode  # whatever the makers of code raise

from modules.forward import Network

OPTIONS: dict[str, Any] = {
    "fallback_random": True,  # dropout draws what it draws without compiling
    "deterministic": True,  # no kernel is chosen by how fast it was at the moment
}


def compiled(network: nn.Module) -> Network:
    """The network as a function that runs compiled code; the module itself stays as it is.

    Code is made in the first pass, and again for images of another shape; that pass raises ValueError where none can
    be made.
    """
    torch.compiler.reset()  # else what was compiled for other networks would have a say in how this one is
    # A size that may vary gives other code than one that is known, and the last bits of its sums are others.
    run = torch.compile(network, dynamic=False, options=OPTIONS)

    def passed(images: torch.Tensor) -> Any:
        try:
            return run(images)
        except NoCode as error:
            raise ValueError(f"compile: true, but {_reason(error)}") from error

    return passed


def _reason(error: Exception) -> str:
    return (
        f"torch.compile can make no code here: {str(error).splitlines()[0]}; install what it needs (on a CPU a C++ "
        f"compiler such as g++, on a GPU Triton), or set compile: false"
    )
