"""Data augmentation of images (Simard et al. 2003)."""

from __future__ import annotations

from typing import Self

from ablations.edit import RecipeEdit, update
from modules.data.settings import Geometry
from modules.recipe import Recipe


class Augmentation(Geometry, RecipeEdit):
    """Augmentation (Simard et al. 2003): images are shifted, turned, scaled, flipped, cropped anew each time.

    Must keep the label: a horizontal flip breaks digits. Accuracies are always measured on plain images.
    """

    factor = "augmentation"
    source = "Simard et al. 2003, ICDAR"
    expect = (
        "Random crops raised test accuracy on CIFAR-10 by 3.0 to 3.9 points (Inception and AlexNet, with and without "
        "weight decay; Zhang et al. 2017), more than weight decay did."
    )
    pitfall = (
        "A change must keep the label: a horizontal flip makes something else of most digits. Training accuracy on "
        "changed images hides how large the gap still is; here it is measured on plain ones."
    )
    cites = ("simard2003best", "zhang2017understanding")

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(f"data.augmentation.{name}" for name in Geometry.model_fields)

    @classmethod
    def null(cls) -> Self:
        return cls()

    def apply(self, recipe: Recipe) -> Recipe:
        return recipe if self.off else update(recipe, "data.augmentation", **self.model_dump())
