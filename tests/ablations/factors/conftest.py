"""What the tests of factors share."""

import pytest

from ablations.arms import Arm
from ablations.difference import difference
from modules.build import anatomy, build
from modules.recipe import Data, Model, Recipe


def _proved(edit, model: str, image_size: int = 16) -> list[str]:
    baseline = Recipe(data=Data(image_size=image_size), model=Model(name=model))
    edited = edit.apply(baseline)
    return difference(Arm("arm", (edit,)), edited, baseline, anatomy(build(edited, 1)), anatomy(build(baseline, 1)))


@pytest.fixture
def proved():
    """What the proof says that an edit of a model of the zoo changes; it raises where that was not declared."""
    return _proved
