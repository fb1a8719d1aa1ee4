"""How much there is to train, before anything is trained."""

from __future__ import annotations

from modules.data.facts import data_facts
from modules.recipe import Recipe


def image_passes(recipe: Recipe) -> int:
    """Images that go forth and back through a network in a whole run, those of all members; early stopping may end it
    sooner. Sharpness-aware minimisation passes each twice; of a detector they are regions."""
    passes = 2 if recipe.regularization.sam else 1
    if data_facts(recipe.data).task == "detection":
        passes *= recipe.detection.draws
    return recipe.data.trained_size * passes * recipe.trainer.epochs * recipe.ensemble.members
