"""Local response normalisation (Krizhevsky et al. 2012, section 3.3)."""

from __future__ import annotations

import torch
from torch import nn


class ResponseNorm(nn.LocalResponseNorm):
    """Divides each of (N, C, H, W) by (k + alpha * the sum of squares over `size` neighbouring maps) ** beta.

    The arguments are the paper's; torch divides its alpha by `size`, so it gets alpha * size. Sums of slices instead of
    torch's three-dimensional pool, whose gradient differs from run to run on a GPU.
    """

    def __init__(self, size: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0):
        super().__init__(size, alpha * size, beta, k)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        channels = x.shape[1]
        squares = nn.functional.pad(x.square(), (0, 0, 0, 0, self.size // 2, (self.size - 1) // 2))
        total = sum(squares[:, first : first + channels] for first in range(self.size))
        return x / (self.k + self.alpha / self.size * total) ** self.beta
