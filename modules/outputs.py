"""What networks return: logits, with those of auxiliary heads where there are any."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

AUXILIARY_WEIGHT = 0.3
"""Weight of each auxiliary head's loss while training (Szegedy et al. 2015)."""


class Output(NamedTuple):
    """Logits (N, K), and those of the auxiliary heads that are on."""

    logits: torch.Tensor
    auxiliary: tuple[torch.Tensor, ...] = ()


def read_output(returned: Any) -> Output:
    """Logits from whatever a network returns: a tensor; a tuple of which the rest, nested or not, are auxiliary heads'
    logits; or something with `logits`. Raises ValueError for anything else.
    """
    if isinstance(returned, torch.Tensor):
        return Output(returned)
    if isinstance(returned, dict) and "logits" in returned:
        return Output(returned["logits"])
    if isinstance(returned, tuple | list) and returned and isinstance(returned[0], torch.Tensor):
        return Output(returned[0], tuple(all_tensors(returned[1:])))
    if isinstance(getattr(returned, "logits", None), torch.Tensor):
        return Output(returned.logits)
    raise ValueError(f"the network returns a {type(returned).__name__}; it must return logits of shape (N, classes)")


def all_tensors(tree: Any) -> list[torch.Tensor]:
    """Every tensor in nested tuples and lists."""
    if isinstance(tree, torch.Tensor):
        return [tree]
    return [tensor for branch in tree for tensor in all_tensors(branch)] if isinstance(tree, tuple | list) else []
