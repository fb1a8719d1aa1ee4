"""What a run comes to, where a pass takes a second an image."""

import pytest

from modules import trial
from modules.recipe import Data, Recipe
from modules.settings import Detection, Trainer
from modules.trial import REGIONS, training_seconds

SCENES = Data(name="digit_boxes", arguments={"images": 20, "size": 24, "classes": 2})


@pytest.fixture(autouse=True)
def a_second_an_image(monkeypatch):
    monkeypatch.setattr(trial, "_step", lambda network, recipe, count: count)


def seconds(**detection):
    return training_seconds(Recipe(data=SCENES, trainer=Trainer(epochs=3), detection=Detection(**detection)))


def test_validation_counts_a_third():
    recipe = Recipe(trainer=Trainer(epochs=3))
    assert training_seconds(recipe) == 3 * (recipe.data.trained_size + recipe.data.val_size / 3)


def test_single_digits_count_as_well_as_regions():
    digits = 1437  # of the other eight classes, a tenth of which is validated on and a tenth is left for tests
    assert seconds(fine_tuning=False) == pytest.approx(3 * digits * (0.8 + 0.1 / 3) + 20 * REGIONS / 3, rel=0.01)
    tuning = 3 * (8 * SCENES.trained_size + REGIONS * SCENES.val_size / 3)
    assert seconds(draws=8) - seconds(fine_tuning=False) == pytest.approx(tuning)
    assert seconds(draws=8, proposals=5) < seconds(draws=8)
