"""Stochastic depth (Huang et al. 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field

from ablations.edit import ModelEdit

if TYPE_CHECKING:
    import torch
    from torch import nn


class StochasticDepth(ModelEdit):
    """Stochastic depth (Huang et al. 2016): branches of a residual network are left out at random while training.

    By the paper's linear rule: block l of L with probability p l / L, from nearly 0 at the first to p at the last;
    blocks are counted in the order of registration. Each example draws for itself, as libraries have it; the paper
    draws once a batch, which saves time, and this does not. What is kept is divided by its probability of being kept
    while training, where the paper multiplies by it at test: the expectation is the same.

    Branches are found as `skip` finds them; a network with sums that no trace can see is refused.
    """

    factor = "stochastic_depth"
    source = "Huang et al. 2016, ECCV"
    expect = (
        "With 110 layers and p = 0.5 the error fell from 6.41 to 5.23 % on CIFAR-10 and from 27.76 to 24.58 on "
        "CIFAR-100 (Huang et al. 2016)."
    )
    pitfall = (
        "It needs depth: of a few blocks none can be spared, and p = 0.5 is too strong there. Training error rises, "
        "which is the point; give it as many epochs as it needs."
    )
    cites = ("huang2016deep",)
    adds = frozenset({"StochasticDepth"})

    p: float = Field(0.2, ge=0, lt=1)
    """Probability that the last branch is left out; the paper's is that of being kept. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(p=0.0)

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import copied, no_effect, refusing
        from modules.surgery.stochastic_depth import drop_branches

        edited = copied(model)
        if self.off:
            return edited
        with refusing(self):
            found = drop_branches(edited, self.p)
        return edited if found else no_effect(self, "skip connections", model)
