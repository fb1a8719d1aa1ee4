"""Weight decay (Krogh and Hertz 1991; Loshchilov and Hutter 2019)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.edit import RecipeEdit, update
from modules.recipe import Recipe


class WeightDecay(RecipeEdit):
    """Weight decay (Krogh and Hertz 1991): weights are pulled towards zero at every step.

    As the optimizer in use means it: an L2 penalty under SGD and Adam, decoupled under AdamW (Loshchilov and Hutter
    2019). Biases and norm parameters are left out.
    """

    factor = "weight_decay"
    source = "Krogh and Hertz 1991, NeurIPS"

    strength: float = Field(0.005, ge=0)
    """Coefficient of the weights in the update, before the learning rate. 0 is the baseline."""

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({"optimizer.weight_decay"})

    @classmethod
    def null(cls) -> Self:
        return cls(strength=0.0)

    def apply(self, recipe: Recipe) -> Recipe:
        return recipe if self.off else update(recipe, "optimizer", weight_decay=self.strength)
