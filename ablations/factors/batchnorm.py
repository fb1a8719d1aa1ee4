"""Batch normalisation (Ioffe and Szegedy 2015, ICML)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Self

from pydantic import Field

from ablations.edit import ModelEdit

if TYPE_CHECKING:
    import torch
    from torch import nn


class BatchNorm(ModelEdit):
    """Batch normalisation (Ioffe and Szegedy 2015): outputs of layers are standardised over the batch.

    Behind every convolution that no norm follows yet, whose bias goes, since the norm brings its own; in a network
    without convolutions behind every linear layer but the last. Running statistics are used in eval mode.
    """

    factor = "batchnorm"
    source = "Ioffe and Szegedy 2015, ICML"
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
        from modules.surgery import attach_after, copied, no_effect

        edited = copied(model)
        if self.off:
            return edited
        eligible = unnormalised(edited)
        chosen = eligible[: round(self.share * len(eligible))]
        for layer in chosen:
            attach_after(layer, "norm", self._norm(layer))
            layer.register_parameter("bias", None)
        wanted = "convolutions (or hidden Linear layers) that no norm follows"
        return edited if chosen else no_effect(self, wanted, model)

    def _norm(self, layer: nn.Module) -> nn.Module:
        from torch import nn

        kinds = {nn.Conv2d: nn.BatchNorm2d, nn.Conv3d: nn.BatchNorm3d}
        kind = next((norm for conv, norm in kinds.items() if isinstance(layer, conv)), nn.BatchNorm1d)
        # Both kinds of layer have their outputs first in the weight: (out, in / groups, *kernel) or (out, in).
        return kind(len(layer.get_parameter("weight")), momentum=self.momentum)


def unnormalised(model: nn.Module) -> list[nn.Module]:
    """Convolutions whose next layer, in the order of registration, is no norm; hidden linear layers where the network
    has no convolution."""
    from torch import nn

    from modules.surgery import CONVOLUTIONS, NORMS, linears, of_kind

    if not of_kind(model, CONVOLUTIONS):
        return linears(model)[:-1]
    modules = [module for module in model.modules() if not isinstance(module, nn.Dropout)]
    layers = [module for module in modules if isinstance(module, CONVOLUTIONS) or not list(module.children())]
    return [
        module
        for module, following in pairwise([*layers, None])
        if isinstance(module, CONVOLUTIONS) and not isinstance(following, NORMS)
    ]
