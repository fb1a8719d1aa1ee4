"""The null dose of every factor, measured: recipes equal, and so are the networks that they build."""

from __future__ import annotations

from ablations.factors import FACTORS
from modules.checks import Checked
from modules.recipe import Recipe

SHORT = {"data": {"train_size": 60, "image_size": 16}, "trainer": {"epochs": 3, "batch_size": 60}}


def null_dose() -> Checked:
    """Of every factor, on a short recipe and weight by weight."""
    from modules.build import build

    recipe = Recipe.model_validate(SHORT)
    base = build(recipe, 1).state_dict()
    nulls = {name: factor.null().apply(recipe) for name, factor in FACTORS.items()}
    unequal = [name for name, one in nulls.items() if one != recipe or not _same(build(one, 1).state_dict(), base)]
    measured = f"{len(FACTORS) - len(unequal)} of {len(FACTORS)}{': not ' if unequal else ''}{', '.join(unequal)}"
    return Checked("The null dose of every factor is the baseline", measured, "all", not unequal)


def _same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(bool((one[name] == other[name]).all()) for name in one)
