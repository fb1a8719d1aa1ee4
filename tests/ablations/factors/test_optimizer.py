from typing import get_args

import pytest

import modules.settings
from ablations.edit import apply_all
from ablations.factors.optimizer import Optimizer
from ablations.factors.weight_decay import WeightDecay
from modules.recipe import Recipe
from modules.settings import Adam, Sgd

KINDS = {
    get_args(kind.model_fields["name"].annotation)[0]: kind
    for kind in get_args(get_args(modules.settings.Optimizer)[0])
}


@pytest.mark.parametrize("name", KINDS)
def test_every_optimizer_of_a_recipe_is_a_level_and_is_named_in_the_settings(name):
    assert type(Optimizer(name=name, lr=0.5).apply(Recipe()).optimizer) is KINDS[name]
    assert name in Optimizer.model_fields["name"].description


@pytest.mark.parametrize("name", KINDS)
def test_every_setting_of_an_optimizer_is_one_of_the_factor(name):
    own = KINDS[name].model_fields.keys() - {"weight_decay", "decay"}
    assert own <= Optimizer.model_fields.keys()
    settings = {"momentum": 0.5, "nesterov": True, "alpha": 0.5, "betas": (0.5, 0.5), "rho": 0.5}
    given = {key: value for key, value in settings.items() if key in own}
    built = Optimizer(name=name, lr=0.5, **given).apply(Recipe()).optimizer
    assert built.model_dump(include=set(given)) == given


@pytest.mark.parametrize(
    ("name", "setting"), [("adam", {"momentum": 0.9}), ("adagrad", {"rho": 0.5}), ("muon", {"betas": (0.9, 0.9)})]
)
def test_a_setting_of_another_optimizer_is_refused(name, setting):
    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        Optimizer(name=name, **setting)


@pytest.mark.parametrize("decay", [None, "coupled", "decoupled"])
def test_the_baselines_weight_decay_stays_and_how_it_is_coupled(decay):
    baseline = Recipe(optimizer=Sgd(name="sgd", lr=0.1, weight_decay=0.03, decay=decay))
    expected = Adam(name="adam", lr=0.01, weight_decay=0.03, decay=decay)
    assert Optimizer(name="adam", lr=0.01).apply(baseline).optimizer == expected


def test_with_weight_decay_it_commutes():
    edits = Optimizer(name="adam", lr=0.01), WeightDecay(strength=0.2, decay="decoupled")
    both = apply_all(edits, Recipe()).optimizer
    assert both == apply_all(edits[::-1], Recipe()).optimizer
    assert both == Adam(name="adam", lr=0.01, weight_decay=0.2, decay="decoupled")
