"""Data augmentation of images (Simard et al. 2003)."""

from __future__ import annotations

from typing import Self

import modules.recipe
from ablations.edit import RecipeEdit, update
from modules.recipe import Recipe


class Augmentation(modules.recipe.Augmentation, RecipeEdit):
    """Augmentation (Simard et al. 2003): training images are shifted, turned, scaled and flipped anew each time.

    Must keep the label: a horizontal flip breaks digits. Accuracies are always measured on plain images.
    """

    factor = "augmentation"
    source = "Simard et al. 2003, ICDAR"

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({"data.augmentation"})

    @classmethod
    def null(cls) -> Self:
        return cls()

    @property
    def off(self) -> bool:
        return self == type(self).null()

    def apply(self, recipe: Recipe) -> Recipe:
        if self.off:
            return recipe
        return update(recipe, "data", augmentation=modules.recipe.Augmentation(**self.model_dump()))
