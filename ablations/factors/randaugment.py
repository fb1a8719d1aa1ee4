"""RandAugment (Cubuk et al. 2020)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.edit import RecipeEdit, update
from modules.data import settings
from modules.recipe import Recipe


class RandAugment(settings.RandAugment, RecipeEdit):
    """RandAugment (Cubuk et al. 2020): some of 14 operations, drawn for every image anew, all at one magnitude.

    They shear, move, turn, and change brightness, contrast, colour, sharpness and the scale of values. On grey images
    the operation on colour changes nothing.
    """

    factor = "randaugment"
    source = "Cubuk et al. 2020, NeurIPS"
    expect = (
        "On ImageNet the accuracy of ResNet-50 rose from 76.3 to 77.6 %, on CIFAR-10 that of Wide-ResNet-28-10 from "
        "96.1 to 97.3 % (Cubuk et al. 2020)."
    )
    pitfall = (
        "The best magnitude grows with the network and with the data: what helps a large network makes a small one "
        "underfit. So number and magnitude must be chosen anew for each, on validation data."
    )
    cites = ("cubuk2020randaugment",)

    operations: int = Field(2, ge=0, le=14)
    """How many are done to an image, one after the other. 0 is the baseline."""

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({"data.augmentation.randaugment"})

    @classmethod
    def null(cls) -> Self:
        return cls(operations=0)

    def apply(self, recipe: Recipe) -> Recipe:
        if self.off:
            return recipe
        drawn = settings.RandAugment(**self.model_dump())
        return update(recipe, "data.augmentation", randaugment=drawn)
