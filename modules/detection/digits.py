"""The single digits that a network sees before it sees regions: none of those that are to be found."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from modules.data.digits import load
from modules.data.facts import data_facts
from modules.data.generated import Scenes
from modules.data.scenes import pictures_used
from modules.recipe import Data, Recipe

DIGITS = 10
SCENES = "digit_boxes"
FEWEST = 20
"""Pictures of every digit that must be left, lest a part have none."""


def other_digits(first: int) -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits from `first` on and their labels from 0 on, as a recipe's data."""
    images, labels = load()
    return images[labels >= first], labels[labels >= first] - first


def spare_digits(**scenes: Any) -> tuple[np.ndarray, np.ndarray]:
    """The handwritten digits that no scene can show, as a recipe's data; `scenes` are the arguments of those."""
    images, labels = load()
    left = _spare(Scenes.model_validate(scenes))
    return images[left], labels[left]


@lru_cache(maxsize=16)
def _spare(scenes: Scenes) -> np.ndarray:
    return np.setdiff1d(np.arange(len(load()[1])), pictures_used(scenes))


def single_digits(recipe: Recipe) -> Data:
    """Digits of the size and the colours of a recipe's regions; of scenes of digits, those of other classes where there
    are two at least, else the pictures that no scene shows."""
    facts = data_facts(recipe.data)
    name, arguments = _which(recipe.data, facts.classes)
    return Data(
        name=f"{__name__}:{name}",
        arguments=arguments,
        channels=1 if facts.channels == 1 else 3,
        image_size=recipe.detection.region_size,
        standardize=recipe.data.standardize,
        augmentation=recipe.data.augmentation,
        val_share=0.1,
        test_share=0.1,
    )


def _which(data: Data, classes: int) -> tuple[str, tuple[tuple[str, Any], ...]]:
    """The function that returns the digits, and its arguments."""
    if data.name != SCENES:
        return other_digits.__name__, (("first", 0),)
    if _others_left(classes):
        return other_digits.__name__, (("first", classes),)
    return spare_digits.__name__, data.arguments


def _others_left(classes: int) -> bool:
    return classes <= DIGITS - 2


def refuse_used_up(data: Data) -> None:
    """Raises ValueError where scenes show so many digits that too few are left to be trained on before."""
    if data.name != SCENES or _others_left(data_facts(data).classes):
        return
    labels = load()[1]
    left = np.bincount(labels[_spare(Scenes.model_validate(dict(data.arguments)))], minlength=DIGITS)
    if left.min() < FEWEST:
        raise ValueError(
            f"the scenes of {data.place} leave {left.min()} pictures of digit {left.argmin()} for pre-training, which "
            f"needs {FEWEST} that they do not show; lower images or objects, or take {DIGITS - 2} classes or fewer"
        )
