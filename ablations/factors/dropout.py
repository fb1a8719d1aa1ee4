"""Dropout (Srivastava et al. 2014, JMLR 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field

from ablations.edit import ModelEdit

if TYPE_CHECKING:
    import torch
    from torch import nn


class Dropout(ModelEdit):
    """Dropout (Srivastava et al. 2014): hidden units are zeroed at random while training.

    In front of every linear layer but the first, or of the only one, so that hidden units are dropped and pixels are
    not. In a convolutional network that is behind the last batch norm, whose variance it would shift (Li et al. 2019).
    Where the network has dropout of its own, as AlexNet does, that gets the new p and no other is added.
    """

    factor = "dropout"
    source = "Srivastava et al. 2014, JMLR 15"
    expect = (
        "On CIFAR-10 the error was 15.60 % without, 14.32 with dropout in the fully connected layers, 12.61 with it in "
        "all; on 100 to 500 clean MNIST images it did not help (Srivastava et al. 2014). It hinders the memorising "
        "of wrong labels (Arpit et al. 2017)."
    )
    pitfall = (
        "The p of the paper is the probability of being kept, that of torch and of this factor of being dropped. In "
        "front of a batch norm it shifts the variance between training and test (Li et al. 2019)."
    )
    cites = ("srivastava2014dropout", "arpit2017closer", "li2019understanding")
    adds = frozenset({"Dropout"})
    sets = frozenset({"Dropout"})

    p: float = Field(0.5, ge=0, lt=1)
    """Probability that a unit is dropped, as in torch; the paper's p is that of being kept. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(p=0.0)

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from torch import nn

        from modules.surgery import attach_before, copied, linears, no_effect, refusing
        from modules.surgery.dropouts import set_dropout

        edited = copied(model)
        if self.off:
            return edited
        with refusing(self):
            own = set_dropout(edited, self.p, example)
        layers = [] if own.found else linears(edited)[1:] or linears(edited)
        if own.opaque or not (own.changed or layers):
            no_effect(self, "Linear layers, or dropout with another p", model, own.opaque)
        for layer in layers:
            attach_before(layer, "dropout", nn.Dropout(self.p))
        return edited
