"""The baseline's own dose: the null dose where it has nothing of the kind, its own value where it has."""

import pytest

from ablations.doses import baseline_settings
from ablations.factors.augmentation import Augmentation
from ablations.factors.dropout import Dropout
from ablations.factors.optimizer import Optimizer
from ablations.factors.train_size import TrainSize
from ablations.factors.weight_decay import WeightDecay
from ablations.factors.width import Width
from modules.recipe import Data, Recipe
from modules.settings import Sgd

DECAYED = Recipe(optimizer=Sgd(name="sgd", lr=0.1, weight_decay=0.003))


@pytest.mark.parametrize(
    ("edit", "baseline", "own"),
    [
        (Dropout(p=0.3), Recipe(), {"p": 0.0}),
        (Width(multiplier=2.0), Recipe(), {"multiplier": 1.0}),
        (WeightDecay(strength=0.01), Recipe(), {"strength": 0.0}),
        (WeightDecay(strength=0.01), DECAYED, {"strength": 0.003}),
        (TrainSize(images=50), Recipe(data=Data(train_size=120)), {"images": 120}),
    ],
)
def test_a_single_number_is_the_baselines_own(edit, baseline, own):
    assert baseline_settings(edit, edit.apply(baseline), baseline) == own


@pytest.mark.parametrize("edit", [Optimizer(name="adam", lr=0.01), Augmentation(shift=0.1, rotate=10.0)])
def test_where_several_things_change_the_baseline_has_no_dose(edit):
    assert baseline_settings(edit, edit.apply(Recipe()), Recipe()) == {}


def test_where_something_was_chosen_beside_the_edit_the_baseline_has_no_dose():
    tuned = WeightDecay(strength=0.01).apply(Recipe(optimizer=Sgd(name="sgd", lr=0.5, momentum=0.9)))
    assert baseline_settings(WeightDecay(strength=0.01), tuned, Recipe()) == {}
