import pytest
import torch
from torch import nn

from ablations.factors.batchnorm import BatchNorm
from modules.optimizers import decay_groups, make_optimizer, make_schedule
from modules.recipe import Adagrad, Adam, AdamW, RmsProp, Schedule, Sgd

RECIPES = [
    Sgd(name="sgd", lr=0.1, weight_decay=0.1),
    RmsProp(name="rmsprop", lr=0.1, weight_decay=0.1),
    Adagrad(name="adagrad", lr=0.1, weight_decay=0.1),
    Adam(name="adam", lr=0.1, weight_decay=0.1),
    AdamW(name="adamw", lr=0.1, weight_decay=0.1),
]


@pytest.mark.parametrize(("recipe", "after"), [(RECIPES[0], 0.99), (RECIPES[3], 0.90), (RECIPES[4], 0.99)])
def test_one_step_from_one_without_gradient_shows_how_decay_is_coupled(recipe, after):
    """Loshchilov and Hutter 2019: the penalty of Adam is rescaled like a gradient, that of AdamW is not."""
    layer = nn.Linear(1, 1, bias=False)
    nn.init.ones_(layer.weight)
    layer.weight.grad = torch.zeros_like(layer.weight)
    make_optimizer(recipe, layer).step()
    assert layer.weight.item() == pytest.approx(after, abs=1e-6)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_biases_and_norms_do_not_decay(recipe):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 2), nn.LayerNorm(2))
    for parameter in model.parameters():
        nn.init.ones_(parameter)
        parameter.grad = torch.zeros_like(parameter)
    make_optimizer(recipe, model).step()
    moved = {name for name, parameter in model.named_parameters() if (parameter != 1).any()}
    assert moved == {"0.weight", "3.weight"}


def test_every_parameter_is_in_one_group_and_tied_ones_once():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    grouped = [parameter for group in decay_groups(model, 0.1) for parameter in group["params"]]
    assert len(grouped) == len({id(parameter) for parameter in grouped}) == 3


def test_every_optimizer_of_a_recipe_can_be_built():
    from typing import get_args

    import modules.recipe

    kinds = get_args(get_args(modules.recipe.Optimizer)[0])
    assert {type(recipe) for recipe in RECIPES} == set(kinds)
    for recipe in RECIPES:
        assert make_optimizer(recipe, nn.Linear(2, 2)).param_groups[0]["lr"] == 0.1


def groups_by_name(model):
    """Parameter name -> its weight decay."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return {names[id(p)]: group["weight_decay"] for group in decay_groups(model, 0.1) for p in group["params"]}


def test_a_norm_attached_to_a_layer_does_not_decay_and_the_layer_does():
    edited = BatchNorm().operate(nn.Sequential(nn.Conv2d(1, 2, 3)), torch.Generator())
    assert groups_by_name(edited) == {"0.weight": 0.1, "0.norm.weight": 0.0, "0.norm.bias": 0.0}


def test_what_is_frozen_is_in_no_group():
    model = nn.Linear(2, 2)
    model.bias.requires_grad_(False)
    assert groups_by_name(model) == {"weight": 0.1}


@pytest.mark.parametrize(
    ("model", "kept"),
    [(nn.MultiheadAttention(4, 2), "in_proj_bias"), (nn.GRU(2, 2), "bias_ih_l0"), (nn.RMSNorm(4), "weight")],
    ids=["attention", "recurrent", "RMSNorm"],
)
def test_biases_and_norms_of_other_networks_do_not_decay(model, kept):
    assert groups_by_name(model)[kept] == 0


def test_a_constant_rate_has_no_schedule():
    optimizer = make_optimizer(RECIPES[0], nn.Linear(1, 1))
    assert make_schedule(Schedule(), optimizer, epochs=3) is None


def test_nesterov_without_momentum_is_refused_in_the_recipe():
    with pytest.raises(ValueError, match="momentum"):
        Sgd(name="sgd", lr=0.1, nesterov=True)
