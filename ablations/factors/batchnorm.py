"""Batch normalisation (Ioffe and Szegedy 2015, ICML)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Self

from pydantic import Field

from ablations.edit import ModelEdit

if TYPE_CHECKING:
    import torch
    from torch import nn


class BatchNorm(ModelEdit):
    """Batch normalisation (Ioffe and Szegedy 2015): outputs of layers are standardised over the batch.

    Behind every convolution that no norm follows yet, whose bias goes, since the norm brings its own; in a network
    without convolutions behind every such linear layer but the last. Running statistics are used in eval mode.
    """

    factor = "batchnorm"
    source = "Ioffe and Szegedy 2015, ICML"
    expect = (
        "Faster training, at learning rates that the plain net does not survive: 14 times fewer steps on ImageNet "
        "(Ioffe and Szegedy 2015). On CIFAR-10 Inception had 85.75 % with it and 82.00 without (Zhang et al. 2017)."
    )
    pitfall = (
        "At the baseline's learning rate it shows only a part of what it can do. It normalises by the batch while "
        "training and by running statistics afterwards, which come apart with small batches and behind dropout."
    )
    cites = ("ioffe2015batch", "zhang2017understanding")
    slot = "norm"
    adds = frozenset({"BatchNorm1d", "BatchNorm2d", "BatchNorm3d"})
    drops = frozenset({"bias"})
    sets = frozenset({"Conv1d", "Conv2d", "Conv3d", "Linear"})

    share: float = Field(1.0, ge=0, le=1)
    """Share of the eligible layers, counted from the input, that are normalised. 0 is the baseline."""
    momentum: float = Field(0.1, gt=0, le=1)
    """Weight of the newest batch in the running statistics."""

    @classmethod
    def null(cls) -> Self:
        return cls(share=0.0)

    @property
    def off(self) -> bool:
        return self.share == 0

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import copied, no_effect
        from modules.surgery.norms import add_norms, batch_norm, unnormalised

        edited = copied(model)
        if self.off:
            return edited
        eligible = unnormalised(edited)
        chosen = eligible[: round(self.share * len(eligible))]
        add_norms(chosen, partial(batch_norm, momentum=self.momentum))
        wanted = "convolutions (or hidden Linear layers) that no norm follows"
        return edited if chosen else no_effect(self, wanted, model)
