"""What the tests of factors share."""

import pytest

from ablations.arms import Arm
from ablations.difference import difference
from modules.build import anatomy, build
from modules.recipe import Data, Model, Recipe


def _proved(edit, model: str, image_size: int = 16) -> list[str]:
    baseline = Recipe(data=Data(image_size=image_size), model=Model(name=model))
    return difference(Arm("arm", (edit,)), baseline, lambda recipe: anatomy(build(recipe, 1)))


@pytest.fixture
def proved():
    """What the proof says that an edit of a model of the zoo changes; it raises where that was not declared."""
    return _proved


@pytest.fixture
def refusal(complaint):
    """What is said of a spec with these levels of a factor, in one line; fails where it is not refused."""
    return lambda factor, levels: complaint(f"name: a\nfactors:\n  {factor}: {levels}\n")
