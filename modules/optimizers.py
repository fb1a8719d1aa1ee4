"""Optimizers from recipes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import torch
from torch import nn
from torch.optim import Optimizer

import modules.settings
from modules.muon import Muon, muon_groups
from modules.surgery import NORMS

Decay = Literal["coupled", "decoupled"]


class Rule(NamedTuple):
    """An optimizer of torch's, and the weight decay that it brings."""

    build: Callable[..., Optimizer]
    decay: Decay
    """As published, and as it is built where it has no `option`."""
    option: bool = False
    """Whether it takes `decoupled_weight_decay`."""


RULES = {
    "sgd": Rule(torch.optim.SGD, "coupled"),
    "adagrad": Rule(torch.optim.Adagrad, "coupled"),
    "rmsprop": Rule(torch.optim.RMSprop, "coupled"),
    "adadelta": Rule(torch.optim.Adadelta, "coupled"),
    "adam": Rule(torch.optim.Adam, "coupled", option=True),
    "adamw": Rule(torch.optim.Adam, "decoupled", option=True),  # which is what torch's AdamW is
    "nadam": Rule(torch.optim.NAdam, "coupled", option=True),
    "radam": Rule(torch.optim.RAdam, "coupled", option=True),
    "adamax": Rule(torch.optim.Adamax, "coupled"),
    "muon": Rule(Muon, "decoupled"),
}


def make_optimizer(recipe: modules.settings.Optimizer, model: nn.Module) -> Optimizer:
    """The optimizer over the model's parameters, with the recipe's kind of weight decay on weights only."""
    rule = RULES[recipe.name]
    decay = recipe.decay or rule.decay
    groups = decay_groups(model, recipe.weight_decay)
    if recipe.name == "muon":
        groups = muon_groups(groups, model)
    settings = recipe.model_dump(exclude={"name", "weight_decay", "decay"})
    if rule.option:
        return rule.build(groups, **settings, decoupled_weight_decay=decay == "decoupled")
    if decay == rule.decay:
        return rule.build(groups, **settings)
    return with_other_decay(rule.build(groups, **settings), decay)


def decay_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Two parameter groups: weights, which decay, and biases and norm parameters, which do not."""
    kept = {id(p) for module in model.modules() if isinstance(module, NORMS) for p in module.parameters()}
    # `bias` of layers, `in_proj_bias` of attention, `bias_ih_l0` of recurrent layers.
    kept |= {id(p) for name, p in model.named_parameters() if "bias" in name.rpartition(".")[2].split("_")}
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if id(p) not in kept], "weight_decay": weight_decay},
        {"params": [p for p in trained if id(p) in kept], "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]


def penalise(weights: list[nn.Parameter], strength: float) -> None:
    """Coupled weight decay: gradients become those of the loss plus strength / 2 times the squared weights."""
    for weight in weights:
        assert weight.grad is not None
        weight.grad.add_(weight, alpha=strength)


def shrink(weights: list[nn.Parameter], share: float) -> None:
    """Decoupled weight decay (Loshchilov and Hutter 2019): weights lose a share of themselves."""
    for weight in weights:
        weight.mul_(1 - share)


@torch.no_grad()
def decay_coupled(optimizer: Optimizer, *_: Any) -> None:
    """What happens before a step where an optimizer has no coupled decay of its own."""
    for group in optimizer.param_groups:
        penalise(moved(group), group["other_decay"])


@torch.no_grad()
def decay_decoupled(optimizer: Optimizer, *_: Any) -> None:
    """What happens before a step where an optimizer has no decoupled decay of its own."""
    for group in optimizer.param_groups:
        shrink(moved(group), group["lr"] * group["other_decay"])


def moved(group: dict[str, Any]) -> list[nn.Parameter]:
    """The parameters that a step moves: like torch's own, decay passes over those without a gradient."""
    return [parameter for parameter in group["params"] if parameter.grad is not None]


HOOKS = {"coupled": decay_coupled, "decoupled": decay_decoupled}


def with_other_decay(optimizer: Optimizer, decay: Decay) -> Optimizer:
    """Takes the weight decay out of an optimizer, and does the other kind before each of its steps."""
    for group in optimizer.param_groups:
        group["other_decay"], group["weight_decay"] = group["weight_decay"], 0.0
    optimizer.register_step_pre_hook(HOOKS[decay])
    return optimizer
