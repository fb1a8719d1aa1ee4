"""What is done to weights after a step so that they stay small: an L1 penalty, and a limit on the norm of each unit."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from modules.surgery import WEIGHTED, of_kind, own_parameter

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


@torch.no_grad()
def shrink_(weights: Sequence[torch.Tensor], size: float) -> None:
    """Moves every weight towards 0 by `size`, and no further: the proximal step of an L1 penalty (Daubechies et al.
    2004), which gives exact zeros where a subgradient only oscillates around them."""
    for weight in weights:
        weight.copy_(torch.nn.functional.softshrink(weight, size))


@torch.no_grad()
def limit_norms_(network: nn.Module, limit: float) -> None:
    """Scales the weights that come into a unit down to the norm `limit` where theirs is larger (Srivastava et al.
    2014); a unit is an output of a linear layer, or an output channel of a convolution. Frozen weights stay.

    Raises ValueError for a layer that computes its weight from others.
    """
    for layer in of_kind(network, WEIGHTED):
        weight = own_parameter(layer, "weight")
        outputs = 1 if isinstance(layer, TRANSPOSED) else 0
        if weight.requires_grad:
            weight.copy_(torch.renorm(weight, p=2, dim=outputs, maxnorm=limit))
