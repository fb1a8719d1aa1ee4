"""The sham: a change that changes nothing."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field

from ablations.edit import RecipeEdit
from modules.recipe import Recipe


class Sham(RecipeEdit):
    """Sham control: the baseline once more, on the same split and labels, with other init, order and forward streams.

    An arm that must show no effect; its spread is the noise floor that every other arm is seen against.
    """

    factor = "sham"
    source = "a control, after the sham arms of clinical trials"
    expect = (
        "No effect, since nothing changes but chance: its interval holds 0 in at least 19 of 20 ablations. How far it "
        "is off 0 is what another draw of weights and orders does by itself."
    )
    pitfall = (
        "A gain no larger than the sham's says nothing. It is on the baseline's split, so it does not show how much "
        "other images would move the numbers, which is often more (Bouthillier et al. 2021)."
    )
    cites = ("bouthillier2021accounting",)
    redraws = True

    replicate: int = Field(1, ge=0)
    """Which other set of streams. 0 is the baseline."""

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({"replicate"})

    @classmethod
    def null(cls) -> Self:
        return cls(replicate=0)

    def told(self) -> dict[str, Any]:
        return {}

    def apply(self, recipe: Recipe) -> Recipe:
        return recipe.model_copy(update={"replicate": self.replicate})
