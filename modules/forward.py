"""Passes of images through a network, in the precision of a recipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from modules.outputs import Output, read_output
from modules.settings import Precision

Network = Callable[[torch.Tensor], Any]
"""Takes images (N, C, S, S); a module, or what was compiled of it."""


def pass_images(network: Network, images: torch.Tensor, precision: Precision) -> Output:
    """What a network returns for images; logits are in float32, so that losses are, too.

    In `bf16` convolutions and matrix products are made in bfloat16 (Kalamkar et al. 2019), by torch's autocast; what
    they are made from stays in float32.
    """
    if precision == "float32":
        return read_output(network(images))
    # One for every pass: it remembers weights that it has rounded, and between two passes a step moves them.
    with torch.autocast(images.device.type, torch.bfloat16):
        output = read_output(network(images))
    return Output(output.logits.float(), tuple(logits.float() for logits in output.auxiliary))
