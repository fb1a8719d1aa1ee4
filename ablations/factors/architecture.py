"""Another network altogether."""

from __future__ import annotations

from typing import Any, Self

from pydantic import ConfigDict, model_validator

import modules.recipe
from ablations.edit import RecipeEdit, update
from modules.recipe import Recipe
from modules.values import Arguments


class Architecture(RecipeEdit):
    """Architecture: another network under the same recipe.

    Data, optimizer, schedule and training stay, which is a comparison under this recipe and not of what each network
    could do with its own. To repeat every arm on several networks, name them under `models:` instead.
    """

    factor = "architecture"
    source = "a comparison; each network's own source stands in `ablate list`"
    expect = (
        "Without crops and weight decay, Inception reached 85.75 % on CIFAR-10, AlexNet 76.07 and a perceptron of "
        "three hidden layers 52.39, all of them with training accuracy near 100 (Zhang et al. 2017): what a network is "
        "counts for more than any remedy."
    )
    pitfall = (
        "One recipe for all is no contest of networks: a learning rate that suits one may keep another from training. "
        "Parameters and MACs change as well, so read the accuracy beside them."
    )
    cites = ("zhang2017understanding",)
    rebuilds = True
    redraws = True

    model_config = ConfigDict(json_schema_extra=modules.recipe.OTHER_KEYS)

    name: str | None = None
    """A model of the zoo, `./file.py:Class`, `package.module:Class`, or `timm/name`. None is the baseline."""
    arguments: Arguments = ()
    """Keyword arguments for a model that is not of the zoo; they may also stand beside `name`."""

    @model_validator(mode="before")
    @classmethod
    def _arguments_beside_the_name(cls, given: Any) -> Any:
        return modules.recipe.arguments_gathered(given, cls.model_fields)

    @model_validator(mode="after")
    def _a_known_model(self) -> Self:
        if self.name is not None:
            self._model()
        return self

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({"model.name", "model.arguments"})

    @classmethod
    def null(cls) -> Self:
        return cls()

    @property
    def off(self) -> bool:
        return self.name is None

    def told(self) -> dict[str, Any]:
        return {} if self.off else {"name": self._model().label, **dict(self.arguments)}

    def apply(self, recipe: Recipe) -> Recipe:
        return recipe if self.name is None else update(recipe, "model", name=self.name, arguments=self.arguments)

    def _model(self) -> modules.recipe.Model:
        return modules.recipe.Model(name=self.name or "", arguments=self.arguments)
