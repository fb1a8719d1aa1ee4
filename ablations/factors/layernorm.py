"""Layer normalisation (Ba et al. 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field

from ablations.edit import ModelEdit
from modules.recipe import Stage

if TYPE_CHECKING:
    import torch
    from torch import nn


class LayerNorm(ModelEdit):
    """Layer normalisation (Ba et al. 2016): outputs of layers are standardised over each example by itself.

    Behind every convolution that no norm follows yet, whose bias goes, since the norm brings its own, over channels
    and pixels together, (C, H, W), which is a group norm of one group; in a network without convolutions behind every
    linear layer but the last, over its units. Batch norms that the network has give way to it and leave it their
    weight and bias. Training and eval mode are the same.
    """

    factor = "layernorm"
    source = "Ba et al. 2016, Layer normalization"
    expect = (
        "Made for recurrent nets; in convolutional ones it is better than no norm and worse than batch norm (Ba et al. "
        "2016): ResNet-50 on ImageNet had an error of 25.3 % with it and 23.6 with batch norm (Wu and He 2018)."
    )
    pitfall = (
        "It says nothing of the batch, so it does not regularise by noise as batch norm does. In torch nn.LayerNorm "
        "has a weight for each pixel; the usual one for maps has one for each channel, GroupNorm(1, C), as here."
    )
    cites = ("ba2016layer", "wu2018group")
    slot = "norm"
    stage = Stage.REPLACE
    adds = frozenset({"LayerNorm", "GroupNorm", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"})
    drops = frozenset({"bias", "running_mean", "running_var", "num_batches_tracked"})
    sets = frozenset({"Conv1d", "Conv2d", "Conv3d", "Linear"})

    share: float = Field(1.0, ge=0, le=1)
    """Share of the places, counted from the input, that are normalised so. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(share=0.0)

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import copied, no_effect, refusing
        from modules.surgery.norms import layer_norm, normalise_examples

        edited = copied(model)
        if self.off:
            return edited
        with refusing(self):
            edited, found = normalise_examples(edited, self.share, layer_norm)
        wanted = "batch norms, and convolutions (or hidden Linear layers) that no norm follows"
        return edited if found else no_effect(self, wanted, model)
