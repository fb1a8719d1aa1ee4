"""Spatial dropout (Tompson et al. 2015)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import Field

from ablations.edit import ModelEdit

if TYPE_CHECKING:
    import torch
    from torch import nn


class SpatialDropout(ModelEdit):
    """Spatial dropout (Tompson et al. 2015): whole feature maps are zeroed at random while training.

    In front of every convolution but the first, that is behind the activation, so that maps are dropped and the
    channels of the image are not. Two sorts of convolution are left out. Depthwise ones read each map alone, so that
    what is dropped in front of the next pointwise one is the same maps again. Projections of residual networks stand
    in the way around a branch, which must stay clear: dropout there keeps a deep net from learning (He et al. 2016,
    Identity mappings); in the branches it helps (Zagoruyko and Komodakis 2016). Where the network has spatial dropout
    of its own, that gets the new p and no other is added.
    """

    factor = "spatial_dropout"
    source = "Tompson et al. 2015, CVPR"
    expect = (
        "Neighbouring pixels of a map are alike, so that dropping single ones only made training slower; dropping "
        "whole maps improved the test results, most on the smaller data set (Tompson et al. 2015)."
    )
    pitfall = (
        "A rate that suits linear layers is too strong here: convolutions have few weights, and of the 6 maps of a "
        "LeNet one is much. In front of a batch norm it shifts the variance, as all dropout does (Li et al. 2019)."
    )
    cites = ("tompson2015efficient", "li2019understanding", "he2016identity", "zagoruyko2016wide")
    adds = frozenset({"Dropout1d", "Dropout2d", "Dropout3d"})
    sets = frozenset({"Dropout1d", "Dropout2d", "Dropout3d"})

    p: float = Field(0.2, ge=0, lt=1)
    """Probability that a map is dropped, each example by itself. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(p=0.0)

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import attach_before, copied, no_effect, refusing
        from modules.surgery.dropouts import MAPS, set_dropout

        edited = copied(model)
        if self.off:
            return edited
        with refusing(self):
            own = set_dropout(edited, self.p, example, MAPS)
        layers = [] if own.found else _readers_of_maps(edited)
        if own.opaque or not (own.changed or layers):
            no_effect(self, "convolutions behind the first, or spatial dropout with another p", model, own.opaque)
        for layer in layers:
            attach_before(layer, "dropout", self._dropout(layer))
        return edited

    def _dropout(self, layer: nn.Module) -> nn.Module:
        from torch import nn

        kinds = {nn.Conv1d: nn.Dropout1d, nn.Conv2d: nn.Dropout2d, nn.Conv3d: nn.Dropout3d}
        return next(kind for conv, kind in kinds.items() if isinstance(layer, conv))(self.p)


def _readers_of_maps(model: nn.Module) -> list[nn.Module]:
    """Convolutions that mix feature maps, but for projections."""
    from modules.surgery import CONVOLUTIONS, of_kind
    from modules.surgery.skips import on_shortcuts

    around = on_shortcuts(model)
    layers: list[Any] = of_kind(model, CONVOLUTIONS)[1:]
    return [layer for layer in layers if layer not in around and not 1 < layer.groups == layer.in_channels]
