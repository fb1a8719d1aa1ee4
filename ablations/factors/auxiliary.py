"""Auxiliary heads (Szegedy et al. 2015, GoogLeNet)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ablations.edit import LeftOut

if TYPE_CHECKING:
    import torch
    from torch import nn


class Auxiliary(LeftOut):
    """Auxiliary heads off (Szegedy et al. 2015): the classifiers in the middle of a network are left out.

    Their losses count 0.3 each while training, and they are not there at test. Found by kind: modules of the class
    `modules.zoo.auxiliary.AuxiliaryHead`, which a model of your own may use as well.
    """

    factor = "auxiliary"
    source = "Szegedy et al. 2015, CVPR"
    expect = (
        "The heads brought GoogLeNet about 0.5 points, and one of the two would have done (Szegedy et al. 2015). "
        "Szegedy et al. 2016 saw no faster start with them, only a slightly better end, and call them regularisers."
    )
    pitfall = (
        "The heads are almost half of GoogLeNet's parameters while it trains (6,998,552 without them, 13,378,280 with "
        "both) and not there at test. Their losses count 0.3 each, so without them the whole loss is smaller, too, and "
        "no two training losses compare."
    )
    cites = ("szegedy2015going", "szegedy2016rethinking")

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import copied, no_effect, of_kind
        from modules.surgery.replacement import replace_modules
        from modules.zoo.auxiliary import AuxiliaryHead, NoHead

        edited = copied(model)
        if self.off:
            return edited
        heads = of_kind(edited, (AuxiliaryHead,))
        if not heads:
            no_effect(self, "auxiliary heads", model)
        return replace_modules(edited, {head: NoHead() for head in heads})
