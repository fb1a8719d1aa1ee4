"""The optimizer and its learning rate."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, TypeAdapter, model_validator

import modules.recipe
from ablations.edit import RecipeEdit
from modules.recipe import Recipe

_OPTIMIZER: TypeAdapter = TypeAdapter(modules.recipe.Optimizer)


class Optimizer(RecipeEdit):
    """Optimizer (SGD, momentum, Nesterov, RMSprop, Adagrad, Adam, AdamW): the rule that turns gradients into steps.

    Takes the place of the baseline's optimizer and learning rate; weight decay, a factor of its own, stays. The
    learning rate matters several times more than the rule: give each its own.
    """

    factor = "optimizer"
    source = "Kingma and Ba 2015, ICLR (Adam); Sutskever et al. 2013, ICML (momentum, Nesterov)"

    name: str | None = "adam"
    """One of sgd, rmsprop, adagrad, adam, adamw. None is the baseline."""
    lr: float = Field(0.001, gt=0)
    """Learning rate."""
    momentum: float | None = Field(None, ge=0, lt=1)
    """Momentum, for sgd and rmsprop."""
    nesterov: bool | None = None
    """Nesterov's momentum, for sgd."""
    alpha: float | None = Field(None, ge=0, lt=1)
    """Decay of the squared gradients' mean, for rmsprop."""
    betas: tuple[float, float] | None = Field(None, strict=False)
    """Decays of the two means, for adam and adamw."""

    @model_validator(mode="after")
    def _settings_fit_the_name(self) -> Self:
        if not self.off:
            self._built(weight_decay=0.0)
        return self

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(f"optimizer.{name}" for name in type(self).model_fields)

    @classmethod
    def null(cls) -> Self:
        return cls(name=None)

    @property
    def off(self) -> bool:
        return self.name is None

    def told(self) -> dict[str, Any]:
        """Everything: a rule without its learning rate says little."""
        return self.settings()

    def apply(self, recipe: Recipe) -> Recipe:
        if self.off:
            return recipe
        return recipe.model_copy(update={"optimizer": self._built(recipe.optimizer.weight_decay)})

    def _built(self, weight_decay: float) -> modules.recipe.Optimizer:
        return _OPTIMIZER.validate_python(self.settings() | {"weight_decay": weight_decay})
