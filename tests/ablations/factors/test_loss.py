import re
from typing import get_args

import pytest

import modules.settings
from ablations.edit import apply_all
from ablations.factors.label_smoothing import LabelSmoothing
from ablations.factors.loss import Loss
from modules.recipe import Recipe
from modules.settings import CrossEntropy, Focal

KINDS = {
    get_args(kind.model_fields["name"].annotation)[0]: kind for kind in get_args(get_args(modules.settings.Loss)[0])
}


@pytest.mark.parametrize("name", KINDS)
def test_every_loss_of_a_recipe_is_a_level_and_is_named_in_the_settings(name):
    assert Loss(name=name).apply(Recipe(loss=Focal(gamma=3.0))).loss == KINDS[name]()
    assert name in Loss.model_fields["name"].description
    assert KINDS[name].model_fields.keys() - {"label_smoothing"} <= Loss.model_fields.keys()


def test_label_smoothing_stays_and_commutes_with_it():
    assert Loss(gamma=0.5).apply(Recipe(loss=CrossEntropy(label_smoothing=0.1))).loss == Focal(
        gamma=0.5, label_smoothing=0.1
    )
    edits = Loss(name="mse"), LabelSmoothing(smoothing=0.3)
    assert apply_all(edits, Recipe()) == apply_all(edits[::-1], Recipe())
    assert apply_all(edits, Recipe()).loss.label_smoothing == 0.3


@pytest.mark.parametrize(
    ("level", "message"),
    [
        ("{name: focl}", r"factors\.loss\.name: there is no loss 'focl'; did you mean focal"),
        ("{name: mse, gamma: 2}", r"factors\.loss\.gamma: mse has no such setting"),
        ("{name: focal, gamma: -1}", r"factors\.loss\.gamma: must be at least 0, not -1"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(level, message, refusal):
    assert re.search(message, refusal("loss", level))
