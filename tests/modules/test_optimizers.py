import copy
from functools import partial
from typing import get_args

import pytest
import torch
from torch import nn

import modules.settings
from ablations.factors.batchnorm import BatchNorm
from modules.optimizers import decay_groups, make_optimizer
from modules.settings import Adadelta, Adagrad, Adam, Adamax, AdamW, Muon, NAdam, RAdam, RmsProp, Sgd

LR, DECAY = 0.1, 0.1
RECIPES = {
    "sgd": Sgd(name="sgd", lr=LR, weight_decay=DECAY),
    "momentum": Sgd(name="sgd", lr=LR, momentum=0.8, weight_decay=DECAY),
    "nesterov": Sgd(name="sgd", lr=LR, momentum=0.8, nesterov=True, weight_decay=DECAY),
    "adagrad": Adagrad(name="adagrad", lr=LR, weight_decay=DECAY),
    "rmsprop": RmsProp(name="rmsprop", lr=LR, alpha=0.9, momentum=0.5, weight_decay=DECAY),
    "adadelta": Adadelta(name="adadelta", lr=LR, rho=0.8, weight_decay=DECAY),
    "adam": Adam(name="adam", lr=LR, betas=(0.8, 0.9), weight_decay=DECAY),
    "adamw": AdamW(name="adamw", lr=LR, betas=(0.8, 0.9), weight_decay=DECAY),
    "nadam": NAdam(name="nadam", lr=LR, betas=(0.8, 0.9), weight_decay=DECAY),
    "radam": RAdam(name="radam", lr=LR, betas=(0.8, 0.9), weight_decay=DECAY),
    "adamax": Adamax(name="adamax", lr=LR, betas=(0.8, 0.9), weight_decay=DECAY),
    "muon": Muon(name="muon", lr=LR, momentum=0.8, weight_decay=DECAY),
}
TORCHS = {
    "sgd": torch.optim.SGD,
    "momentum": partial(torch.optim.SGD, momentum=0.8),
    "nesterov": partial(torch.optim.SGD, momentum=0.8, nesterov=True),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": partial(torch.optim.RMSprop, alpha=0.9, momentum=0.5),
    "adadelta": partial(torch.optim.Adadelta, rho=0.8),
    "adam": partial(torch.optim.Adam, betas=(0.8, 0.9)),
    "adamw": partial(torch.optim.AdamW, betas=(0.8, 0.9)),
    "nadam": partial(torch.optim.NAdam, betas=(0.8, 0.9)),
    "radam": partial(torch.optim.RAdam, betas=(0.8, 0.9)),
    "adamax": partial(torch.optim.Adamax, betas=(0.8, 0.9)),
}
"""Muon, which torch has for matrices only, has a file of its own."""
every_rule = pytest.mark.parametrize("rule", RECIPES)
every_decay = pytest.mark.parametrize("decay", ["coupled", "decoupled"])


def recipe_of(rule, **changes):
    return RECIPES[rule].model_copy(update=changes)


def network():
    """Three layers without biases, so that all of it decays; the same weights each time."""
    torch.manual_seed(1)
    return nn.Sequential(*(nn.Linear(4, 4, bias=False) for _ in range(3))).double()


def losses(model, count=6):
    generator = torch.Generator().manual_seed(2)
    for _ in range(count):
        yield model(torch.randn(8, 4, generator=generator, dtype=torch.float64)).square().mean()


def trained(optimizer, model, penalty=0.0, shrunk=1.0):
    """The weights after some steps, with a penalty in the loss or with weights shrunk before each step, by hand."""
    for loss in losses(model):
        optimizer.zero_grad()
        (loss + penalty / 2 * sum(p.square().sum() for p in model.parameters())).backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(shrunk)
        optimizer.step()
    return [parameter.detach() for parameter in model.parameters()]


def by(recipe, model, **by_hand):
    return trained(make_optimizer(recipe, model), model, **by_hand)


def alike(ours, theirs, tolerance=0.0):
    return all(torch.allclose(a, b, rtol=tolerance, atol=tolerance) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("rule", TORCHS)
def test_every_rule_is_torchs_with_the_decay_that_it_was_published_with(rule):
    model = network()
    theirs = trained(TORCHS[rule](model.parameters(), lr=LR, weight_decay=DECAY), model)
    assert alike(by(RECIPES[rule], network()), theirs)


@every_rule
def test_coupled_decay_is_a_penalty_in_the_loss(rule):
    # Muon's iteration is in bfloat16, in which a rounding of the gradient can show.
    tolerance = 1e-2 if rule == "muon" else 1e-9
    penalised = by(recipe_of(rule, weight_decay=0.0), network(), penalty=DECAY)
    assert alike(by(recipe_of(rule, decay="coupled"), network()), penalised, tolerance)


@every_rule
def test_decoupled_decay_shrinks_weights_beside_the_step(rule):
    shrunk = by(recipe_of(rule, weight_decay=0.0), network(), shrunk=1 - LR * DECAY)
    assert alike(by(recipe_of(rule, decay="decoupled"), network()), shrunk, 1e-9)


@every_rule
def test_a_decay_that_is_not_given_is_the_published_one(rule):
    published = "decoupled" if rule in ("adamw", "muon") else "coupled"
    other = "coupled" if published == "decoupled" else "decoupled"
    found = by(RECIPES[rule], network())
    assert alike(by(recipe_of(rule, decay=published), network()), found)
    # Plain SGD has no other (Loshchilov and Hutter 2019, proposition 1).
    assert alike(by(recipe_of(rule, decay=other), network()), found, 1e-9) == (rule == "sgd")


@every_decay
@every_rule
def test_no_strength_is_no_decay_bit_for_bit(rule, decay):
    without = by(recipe_of(rule, weight_decay=0.0), network())
    assert alike(by(recipe_of(rule, weight_decay=0.0, decay=decay), network()), without)


@pytest.mark.parametrize(
    ("rule", "decay", "after"),
    [("sgd", "coupled", 0.99), ("adam", "coupled", 0.90), ("adamw", "coupled", 0.90)]
    + [(rule, "decoupled", 0.99) for rule in RECIPES]
    + [("sgd", None, 0.99), ("adam", None, 0.90), ("adamw", None, 0.99), ("muon", None, 0.99)],
)
def test_one_step_from_one_without_gradient_shows_how_decay_is_coupled(rule, decay, after):
    """Loshchilov and Hutter 2019: the penalty of Adam is rescaled like a gradient, what is decoupled is not."""
    layer = nn.Linear(1, 1, bias=False)
    nn.init.ones_(layer.weight)
    layer.weight.grad = torch.zeros_like(layer.weight)
    make_optimizer(recipe_of(rule, decay=decay), layer).step()
    assert layer.weight.item() == pytest.approx(after, abs=1e-6)


@every_rule
def test_decoupled_decay_follows_a_rate_that_is_moved(rule):
    model = network()
    before = copy.deepcopy(model)
    optimizer = make_optimizer(recipe_of(rule, decay="decoupled"), model)
    for group in optimizer.param_groups:
        group["lr"] = 0.5
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    assert alike(model.parameters(), [parameter * (1 - 0.5 * DECAY) for parameter in before.parameters()], 1e-9)


@every_decay
@every_rule
def test_what_has_no_gradient_does_not_decay(rule, decay):
    model = network()
    before = copy.deepcopy(model)
    make_optimizer(recipe_of(rule, decay=decay), model).step()
    assert alike(model.parameters(), before.parameters())


@every_decay
@every_rule
def test_biases_and_norms_do_not_decay(rule, decay):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 2), nn.LayerNorm(2))
    for parameter in model.parameters():
        nn.init.ones_(parameter)
        parameter.grad = torch.zeros_like(parameter)
    make_optimizer(recipe_of(rule, decay=decay), model).step()
    moved = {name for name, parameter in model.named_parameters() if (parameter != 1).any()}
    assert moved == {"0.weight", "3.weight"}


def test_every_parameter_is_in_one_group_and_tied_ones_once():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    grouped = [parameter for group in decay_groups(model, 0.1) for parameter in group["params"]]
    assert len(grouped) == len({id(parameter) for parameter in grouped}) == 3


def test_every_optimizer_of_a_recipe_is_here():
    kinds = get_args(get_args(modules.settings.Optimizer)[0])
    assert {type(recipe) for recipe in RECIPES.values()} == set(kinds)


@every_rule
def test_every_group_has_the_recipes_rate(rule):
    groups = make_optimizer(
        RECIPES[rule], nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2))
    ).param_groups
    assert [group["lr"] for group in groups] == [LR] * len(groups)


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


def test_nesterov_without_momentum_is_refused_in_the_recipe():
    with pytest.raises(ValueError, match="momentum"):
        Sgd(name="sgd", lr=0.1, nesterov=True)
