"""Weight decay (Krogh and Hertz 1991; Loshchilov and Hutter 2019)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field

from ablations.edit import RecipeEdit, update
from modules.recipe import Recipe


class WeightDecay(RecipeEdit):
    """Weight decay (Krogh and Hertz 1991): weights are pulled towards zero at every step.

    Coupled, it is an L2 penalty, whose gradient goes through the optimizer's rule; decoupled (Loshchilov and Hutter
    2019), weights shrink by lr x strength beside the step. Biases and norm parameters are left out.
    """

    factor = "weight_decay"
    source = "Krogh and Hertz 1991, NeurIPS; Loshchilov and Hutter 2019, ICLR (decoupled)"
    expect = (
        "In Zhang et al. 2017 it moved test accuracy on CIFAR-10 by −0.3 to +1.6 points (Inception and AlexNet, with "
        "and without random crops): a help to generalisation, not what it comes from. Krogh and Hertz 1991 show that "
        "it damps part of the noise in the targets."
    )
    pitfall = (
        "An L2 penalty and decoupled decay are one thing under plain SGD and two under Adam (Loshchilov and Hutter "
        "2019), so a strength does not carry over from one to the other. In front of a batch norm it does not restrict "
        "the function but raises the effective learning rate (van Laarhoven 2017)."
    )
    cites = ("krogh1991simple", "loshchilov2019decoupled", "zhang2017understanding", "laarhoven2017regularization")

    strength: float = Field(0.005, ge=0)
    """Coefficient of the weights in the update, before the learning rate. 0 is the baseline."""
    decay: Literal["coupled", "decoupled"] | None = None
    """Coupled or decoupled under any optimizer; where not given, as the baseline says, which by default is as the
    optimizer was published: decoupled under AdamW and Muon, coupled under all others."""

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({"optimizer.weight_decay", "optimizer.decay"})

    @classmethod
    def null(cls) -> Self:
        return cls(strength=0.0)

    @property
    def off(self) -> bool:
        return self.strength == 0

    def apply(self, recipe: Recipe) -> Recipe:
        if self.off:
            return recipe
        decay = self.decay or recipe.optimizer.decay
        return update(recipe, "optimizer", weight_decay=self.strength, decay=decay)
