"""The loss (Lin et al. 2017; Brier 1950)."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, TypeAdapter, model_validator

import modules.settings
from ablations.edit import RecipeEdit
from modules.recipe import Recipe

_LOSS: TypeAdapter = TypeAdapter(modules.settings.Loss)


class Loss(RecipeEdit):
    """Loss (cross-entropy, focal, mean squared error): what is minimised.

    Label smoothing, a factor of its own, stays. Validation and test losses are cross-entropy whatever is minimised.
    """

    factor = "loss"
    source = "Lin et al. 2017, ICCV (focal); Brier 1950; Hui and Belkin 2021, ICLR (squared error)"
    expect = (
        "Focal loss was made for detectors, with a thousand background boxes for each object; on balanced classes it "
        "mostly calibrates. Squared error is about as accurate as cross-entropy where both are tuned (Hui and Belkin)."
    )
    pitfall = (
        "Losses of different kinds do not compare, accuracies do. Behind a softmax, squared error has next to no "
        "gradient where the network is surely wrong, so it learns slowly at first."
    )

    name: str | None = "focal"
    """One of cross_entropy, focal, mse. None is the baseline."""
    gamma: float | None = Field(None, ge=0)
    """Of focal: how much less what is classified well weighs; 2 where not given."""

    @model_validator(mode="after")
    def _settings_fit_the_name(self) -> Self:
        if not self.off:
            self._built(label_smoothing=0.0)
        return self

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({"loss.name", "loss.gamma"})

    @classmethod
    def null(cls) -> Self:
        return cls(name=None)

    @property
    def off(self) -> bool:
        return self.name is None

    def told(self) -> dict[str, Any]:
        return self.settings()

    def apply(self, recipe: Recipe) -> Recipe:
        if self.off:
            return recipe
        return recipe.model_copy(update={"loss": self._built(recipe.loss.label_smoothing)})

    def _built(self, label_smoothing: float) -> modules.settings.Loss:
        return _LOSS.validate_python(self.settings() | {"label_smoothing": label_smoothing})
