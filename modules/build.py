"""Networks from recipes, and what can be said of a network without training it."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from modules.catalog import DATASETS, MODELS
from modules.imports import load_object
from modules.names import unknown_name
from modules.recipe import Recipe
from modules.streams import Streams


def build_model(
    name: str, *, classes: int | None = None, channels: int | None = None, image_size: int | None = None
) -> nn.Module:
    """A plain network of the zoo; what is not given is that of its reference form.

    Weights are drawn from torch's global generator, as torch does. Raises ValueError for an unknown name or an image
    too small for the network.
    """
    if name not in MODELS:
        unknown_name("model", name, MODELS)
    card = MODELS[name]
    return load_object(card.builder)(
        classes=card.classes if classes is None else classes,
        channels=card.channels if channels is None else channels,
        image_size=card.image_size if image_size is None else image_size,
    )


def build(recipe: Recipe, seed: int) -> nn.Module:
    """The recipe's network under `seed`: built from the init stream, then edited, each edit by a stream of its own."""
    streams = Streams(seed, recipe.replicate)
    data = DATASETS[recipe.data.name]
    with streams.borrowed("init"):
        model = build_model(
            recipe.model.name, classes=data.classes, channels=data.channels, image_size=recipe.data.image_size
        )
    for surgery in recipe.model.surgeries:
        model = surgery.operate(model, streams.torch("surgery", zlib.crc32(surgery.factor.encode())))
    return model


def parameter_count(model: nn.Module) -> int:
    """Trainable numbers; running statistics are not parameters, shared ones count once."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def count_macs(model: nn.Module, image_shape: tuple[int, int, int]) -> int:
    """Multiply-accumulates of convolutions and linear layers for one image of shape (C, H, W), counted in a pass."""
    like = next(model.parameters())
    image = torch.zeros(1, *image_shape, device=like.device, dtype=like.dtype)
    was_training = model.training
    model.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(image)
    model.train(was_training)
    return counter.get_total_flops() // 2


@lru_cache(maxsize=64)
def recipe_macs(recipe: Recipe) -> int:
    """MACs of the recipe's network; the seed does not matter."""
    size = recipe.data.image_size
    return count_macs(build(recipe, seed=0), (DATASETS[recipe.data.name].channels, size, size))


class Anatomy(NamedTuple):
    """What two networks are compared by."""

    kinds: Counter[str]
    """How many modules of each kind."""
    parameters: int
    weights: dict[str, str]
    """Checksum of each parameter, by name."""


def anatomy(model: nn.Module) -> Anatomy:
    """Takes stock of a network."""
    kinds = Counter(type(module).__name__ for module in model.modules())
    weights = {name: _checksum(parameter) for name, parameter in model.named_parameters()}
    return Anatomy(kinds, parameter_count(model), weights)


@lru_cache(maxsize=64)
def recipe_anatomy(recipe: Recipe, seed: int) -> Anatomy:
    """Takes stock of a recipe's network under a seed."""
    return anatomy(build(recipe, seed))


def _checksum(tensor: torch.Tensor) -> str:
    values = tensor.detach().cpu().contiguous().numpy()
    return hashlib.sha256(f"{values.shape}{values.dtype}".encode() + values.tobytes()).hexdigest()
