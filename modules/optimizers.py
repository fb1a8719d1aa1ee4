"""Optimizers and schedules from recipes."""

from __future__ import annotations

import torch
from torch import nn

from modules.recipe import Optimizer, Schedule
from modules.surgery import NORMS

CLASSES: dict[str, type[torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}


def make_optimizer(recipe: Optimizer, model: nn.Module) -> torch.optim.Optimizer:
    """The optimizer over the model's parameters, with weight decay on weights only."""
    settings = recipe.model_dump(exclude={"name", "weight_decay"})
    return CLASSES[recipe.name](decay_groups(model, recipe.weight_decay), **settings)


def decay_groups(model: nn.Module, weight_decay: float) -> list[dict]:
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


def make_schedule(
    recipe: Schedule, optimizer: torch.optim.Optimizer, epochs: int
) -> torch.optim.lr_scheduler.LRScheduler | None:
    """The schedule, stepped once an epoch; None where the rate stays."""
    if recipe.name == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    return None
