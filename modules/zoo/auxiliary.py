"""Auxiliary heads: classifiers on inner maps, whose losses help only while training (Szegedy et al. 2015, section 5).

Points people get wrong: the losses weigh 0.3 each, and only in training; the head reads the map, it changes nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn


class WithAuxiliary(NamedTuple):
    """What a network with auxiliary heads returns in training mode: logits (N, classes), and those of each head."""

    logits: torch.Tensor
    auxiliary: tuple[torch.Tensor | None, ...]
    """None for a head that is switched off."""


class AuxiliaryHead(nn.Module):
    """A classifier on an inner map: the kind by which the heads of a network, anybody's, are found."""


class NoHead(nn.Module):
    """In the place of a head that is switched off."""

    def forward(self, x: torch.Tensor) -> None:
        """Looks at nothing and says nothing."""
