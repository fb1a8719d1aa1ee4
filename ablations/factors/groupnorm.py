"""Group normalisation (Wu and He 2018)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Self

from pydantic import Field

from ablations.edit import ModelEdit
from modules.recipe import Stage

if TYPE_CHECKING:
    import torch
    from torch import nn


class GroupNorm(ModelEdit):
    """Group normalisation (Wu and He 2018): each group of channels is standardised over each example by itself.

    Behind every convolution that no norm follows yet, whose bias goes, since the norm brings its own; in a network
    without convolutions behind every linear layer but the last. Batch norms that the network has give way to it and
    leave it their weight and bias. Training and eval mode are the same.

    Where `groups` does not divide the channels there are as many groups as the largest divisor below it; of units of
    linear layers a group has at least two, since a single one would always be 0.
    """

    factor = "groupnorm"
    source = "Wu and He 2018, ECCV"
    expect = (
        "ResNet-50 on ImageNet had an error of 24.1 % with it and 23.6 with batch norm at 32 images a batch, and 24.1 "
        "against 34.7 at 2: it does not depend on the batch size (Wu and He 2018)."
    )
    pitfall = (
        "It trains as well as batch norm and regularises less, since no noise of the batch comes in. One group is "
        "layer norm, as many as channels instance norm; few channels make that happen unasked."
    )
    cites = ("wu2018group",)
    slot = "norm"
    stage = Stage.REPLACE
    adds = frozenset({"GroupNorm", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"})
    drops = frozenset({"bias", "running_mean", "running_var", "num_batches_tracked"})
    sets = frozenset({"Conv1d", "Conv2d", "Conv3d", "Linear"})

    groups: int = Field(8, ge=1)
    """Number of groups, at most; the paper has 32, for networks of 64 channels and more."""
    share: float = Field(1.0, ge=0, le=1)
    """Share of the places, counted from the input, that are normalised so. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(share=0.0)

    @property
    def off(self) -> bool:
        return self.share == 0

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import copied, no_effect, refusing
        from modules.surgery.norms import group_norm, normalise_examples

        edited = copied(model)
        if self.off:
            return edited
        with refusing(self):
            edited, found = normalise_examples(edited, self.share, partial(group_norm, groups=self.groups))
        wanted = "batch norms, and convolutions (or hidden Linear layers) that no norm follows"
        return edited if found else no_effect(self, wanted, model)
