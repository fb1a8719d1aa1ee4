"""Multiply-accumulates by torch's own counter, module by module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from modules.surgery.passes import evaluating, like

NETWORK = "(network)"
"""What the network as a whole is called among its modules."""


def counted_macs(network: nn.Module, image: tuple[int, int, int]) -> dict[str, int]:
    """MACs that each module carries out itself, for one image (C, H, W); together they are all that torch counts.

    A module that stands in several places goes by its first name.
    """
    with evaluating(network), FlopCounterMode(display=False) as counter:
        network(like(torch.zeros(1, *image), network))
    root = f"{type(network).__name__}."
    within = {place.removeprefix(root): sum(counts.values()) // 2
              for place, counts in counter.get_flop_counts().items() if place.startswith(root)}  # fmt: skip
    own = _without_children({**within, NETWORK: counter.get_total_flops() // 2})
    first = names(network)
    modules = {name or NETWORK: module for name, module in network.named_modules(remove_duplicate=False)}
    found: Counter[str] = Counter()
    for name, count in own.items():
        found[first[modules[name]] if name in modules else name] += count
    return dict(found)


def names(network: nn.Module) -> dict[nn.Module, str]:
    """The first name of every module."""
    return {module: name or NETWORK for name, module in network.named_modules()}


def _without_children(counted: Mapping[str, int]) -> dict[str, int]:
    own = dict(counted)
    for name, count in counted.items():
        if name != NETWORK:
            parent = name.rpartition(".")[0]
            while parent and parent not in counted:
                parent = parent.rpartition(".")[0]
            own[parent or NETWORK] -= count
    return own
