"""What the network learns before it sees regions: to tell single digits apart, as R-CNN's did ImageNet's objects."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import nn

from modules.build import build
from modules.data.splits import make_splits
from modules.detection.digits import single_digits
from modules.detection.layers import last_layer
from modules.fitting import Trained
from modules.member import train_member
from modules.recipe import Recipe
from modules.settings import Detection
from modules.streams import Streams

MEMBER = 1
"""Whose streams it draws from, so that nothing is shared with the training on regions."""


@lru_cache(maxsize=4)
def pretrained(recipe: Recipe, seed: int, device: str) -> Trained:
    """A network trained as the recipe says, on single digits of the size of its regions; the arms of a seed that do
    not differ in that share one."""
    splits = make_splits(recipe.data.unaugmented, Streams(seed)).to(torch.device(device))
    return train_member(recipe, seed, MEMBER, splits, device)


def pretraining_recipe(recipe: Recipe) -> Recipe:
    """The same recipe for single digits."""
    return recipe.model_copy(update={"data": single_digits(recipe), "detection": Detection()})


def ready_network(recipe: Recipe, seed: int, learnt: nn.Module, example: torch.Tensor) -> nn.Module:
    """The recipe's network with all that another one learnt but its last layer, which tells other classes apart."""
    network = build(recipe, seed)
    last = {id(tensor) for tensor in last_layer(network, example).parameters()}
    known, state = learnt.state_dict(), network.state_dict(keep_vars=True)
    taken = {
        name: known[name].cpu()
        for name, tensor in state.items()
        if isinstance(tensor, torch.Tensor) and id(tensor) not in last and _fits(tensor, known.get(name))
    }
    network.load_state_dict(taken, strict=False)
    return network


def _fits(tensor: torch.Tensor, known: Any) -> bool:
    return isinstance(known, torch.Tensor) and known.shape == tensor.shape
