import pytest

from ablations.factors.weight_decay import WeightDecay
from modules.recipe import Recipe
from modules.settings import AdamW, Sgd


def after(edit, **optimizer):
    edited = edit.apply(Recipe(optimizer=AdamW(name="adamw", lr=0.01, **optimizer))).optimizer
    return edited.weight_decay, edited.decay


def test_a_strength_alone_leaves_it_to_the_baseline_whether_it_is_coupled():
    assert after(WeightDecay(strength=0.2)) == (0.2, None)
    assert after(WeightDecay(strength=0.2), weight_decay=0.1, decay="coupled") == (0.2, "coupled")


@pytest.mark.parametrize("decay", ["coupled", "decoupled"])
def test_what_is_said_of_coupling_holds_whatever_the_baseline_says(decay):
    assert after(WeightDecay(strength=0.2, decay=decay)) == (0.2, decay)
    assert after(WeightDecay(strength=0.2, decay=decay), decay="coupled") == (0.2, decay)


def test_no_strength_is_off_however_it_is_coupled():
    recipe = Recipe(optimizer=Sgd(name="sgd", lr=0.1, weight_decay=0.03))
    assert WeightDecay(strength=0.0, decay="decoupled").off
    assert WeightDecay(strength=0.0, decay="decoupled").apply(recipe) == recipe


def test_a_reader_is_told_of_coupling_where_it_is_given():
    assert WeightDecay(strength=0.2).told() == {"strength": 0.2}
    assert WeightDecay(strength=0.2, decay="coupled").told() == {"strength": 0.2, "decay": "coupled"}


def test_the_proof_shows_both_fields(proved):
    assert proved(WeightDecay(strength=0.2, decay="decoupled"), "lenet5")[:2] == [
        "optimizer.decay: - -> decoupled", "optimizer.weight_decay: 0.0 -> 0.2",
    ]  # fmt: skip
