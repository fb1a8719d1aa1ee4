"""Networks from recipes, and what can be said of a network without training it."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from modules.catalog import MODELS
from modules.data.facts import data_facts
from modules.foreign import build_foreign, take_images
from modules.imports import is_foreign, load_object
from modules.names import unknown_name
from modules.outputs import read_output
from modules.recipe import Recipe, Stage, Surgery
from modules.settings import Detection
from modules.streams import Streams
from modules.surgery import NoEffect
from modules.surgery.passes import evaluating, like, trial_pass
from modules.tasks.task import task_of


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


def build(recipe: Recipe, seed: int, member: int = 0) -> nn.Module:
    """The recipe's network under `seed`: built from the init stream, then edited, each edit by a stream of its own.

    Of an ensemble, one `member`; the first is the network that would be trained alone.

    Raises ValueError where the recipe asks for what its task has no meaning for, where a model of the user's own cannot
    be built or does not fit the data, or where edits leave a network that cannot run; NoEffect where an edit finds
    nothing to change.
    """
    task_of(recipe.data).refuse_unfit(recipe)
    streams = Streams(seed, recipe.replicate, member)
    example = example_of(recipe)
    with streams.borrowed("init"):
        model = _built(recipe, example)
    for surgery in recipe.model.surgeries:
        generator = streams.torch("surgery", zlib.crc32(surgery.factor.encode()))
        model = surgery.operate(model, generator, example)
    _refuse_broken(model, recipe, example)
    return model


def example_of(recipe: Recipe) -> torch.Tensor:
    """Two black images of the shape that the recipe's network takes: of a detector, of its regions."""
    size = recipe.detection.region_size if _detects(recipe) else recipe.data.image_size
    return torch.zeros(2, data_facts(recipe.data).channels, size, size)


def outputs_of(recipe: Recipe) -> int:
    """The classes that the recipe's network tells apart: of a detector one more, for regions of nothing."""
    return data_facts(recipe.data).classes + _detects(recipe)


def _detects(recipe: Recipe) -> bool:
    detects = data_facts(recipe.data).task == "detection"
    given = [name for name, value in recipe.detection if value != Detection.model_fields[name].default]
    if given and not detects:
        raise NoEffect(f"detection.{given[0]} changes nothing here: {recipe.data.place} has no boxes; take it away")
    return detects


def _built(recipe: Recipe, example: torch.Tensor) -> nn.Module:
    name, classes = recipe.model.name, outputs_of(recipe)
    told = {"classes": classes, "channels": example.shape[1], "image_size": example.shape[2]}
    if not is_foreign(name):
        _refuse_other_task(recipe)
        return build_model(name, **told)
    model = build_foreign(name, dict(recipe.model.arguments), told)
    take_images(model)
    try:
        logits = read_output(trial_pass(model, example)).logits  # builds the parameters of lazy modules, too
    except ValueError as error:
        raise ValueError(f"{name}: cannot take images of shape {tuple(example.shape[1:])}: {error}") from error
    wanted = task_of(recipe.data).output_shape(example.shape, classes)
    if logits.shape != wanted:
        raise ValueError(
            f"{name}: returns {tuple(logits.shape)} for {len(example)} images of {classes} classes, it must be "
            f"{wanted}; set its number of classes in `model`, or let its constructor take `classes`"
        )
    return model


def _refuse_other_task(recipe: Recipe) -> None:
    """A network of the zoo is for whole images, or for every pixel; detectors take the former for their regions."""
    made_for = MODELS[recipe.model.name].task
    wanted = "segmentation" if data_facts(recipe.data).task == "segmentation" else "classification"
    if made_for != wanted:
        fit = next(name for name in ("lenet5", "segnet") if MODELS[name].task == wanted)
        raise ValueError(
            f"{recipe.model.name} is for {made_for}, but {recipe.data.name} is for {wanted}; take {fit} for instance"
        )


def _refuse_broken(model: nn.Module, recipe: Recipe, example: torch.Tensor) -> None:
    """Edits that take parts away or change their size can leave shapes that do not fit."""
    reshaped = [surgery for surgery in recipe.model.surgeries if surgery.stage is Stage.RESHAPE]
    if not reshaped:
        return
    try:
        logits = read_output(trial_pass(model, example)).logits
    except ValueError as error:
        raise ValueError(f"{_all(reshaped)} leaves a network that cannot run: {error}") from error
    classes = outputs_of(recipe)
    if logits.shape != task_of(recipe.data).output_shape(example.shape, classes):
        raise ValueError(f"{_all(reshaped)} leaves a network that returns {tuple(logits.shape)}, not {classes} logits")


def _all(surgeries: Iterable[Surgery]) -> str:
    return " and ".join(map(repr, surgeries))


def parameter_count(model: nn.Module) -> int:
    """Trainable numbers; running statistics are not parameters, shared ones count once."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def count_macs(model: nn.Module, image_shape: tuple[int, int, int]) -> int:
    """Multiply-accumulates of convolutions and linear layers for one image of shape (C, H, W), counted in a pass."""
    with evaluating(model), FlopCounterMode(display=False) as counter:
        model(like(torch.zeros(1, *image_shape), model))
    return counter.get_total_flops() // 2


@lru_cache(maxsize=64)
def recipe_macs(recipe: Recipe) -> int:
    """MACs of the recipe's network, or of all members of its ensemble; the seed does not matter."""
    _, channels, height, width = example_of(recipe).shape
    return recipe.ensemble.members * count_macs(build(recipe, seed=0), (channels, height, width))


class Weights(NamedTuple):
    """A parameter, as it is compared."""

    shape: tuple[int, ...]
    trained: bool
    checksum: str


class Part(NamedTuple):
    """A module, as it is compared."""

    kind: str
    kinds: frozenset[str]
    """Its own kind and those that it is a kind of: a Conv2d of somebody's own is a Conv2d."""
    settings: str
    training: bool


class Anatomy(NamedTuple):
    """What two networks are compared by."""

    parts: dict[str, Part]
    """By name; a module that is used in several places stands once."""
    parameters: int
    weights: dict[str, Weights]
    """By name."""

    @property
    def kinds(self) -> Counter[str]:
        """How many modules of each kind."""
        return Counter(part.kind for part in self.parts.values())


def anatomy(model: nn.Module) -> Anatomy:
    """Takes stock of a network."""
    parts = {
        name: Part(type(m).__name__, frozenset(kind.__name__ for kind in type(m).__mro__), m.extra_repr(), m.training)
        for name, m in model.named_modules()
    }
    weights = {name: Weights(tuple(p.shape), p.requires_grad, _checksum(p)) for name, p in model.named_parameters()}
    return Anatomy(parts, parameter_count(model), weights)


@lru_cache(maxsize=64)
def recipe_anatomy(recipe: Recipe, seed: int) -> Anatomy:
    """Takes stock of a recipe's network under a seed; of an ensemble, of its first member, and all parameters count."""
    found = anatomy(build(recipe, seed))
    return found._replace(parameters=recipe.ensemble.members * found.parameters)


def _checksum(tensor: torch.Tensor) -> str:
    content = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)  # numpy does not know every dtype
    return hashlib.sha256(str(tensor.dtype).encode() + content.numpy().tobytes()).hexdigest()
