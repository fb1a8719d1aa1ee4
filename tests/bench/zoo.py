"""What building and editing cost against an epoch, and augmentation against a step."""

import time

import torch
from torch.nn import functional as F

from ablations.factors.activation import Activation
from ablations.factors.dropout import Dropout
from ablations.factors.init import Init
from modules.build import build
from modules.catalog import MODELS
from modules.data.augmentation import Augmenter
from modules.data.normal import Normal
from modules.data.settings import Augmentation, RandAugment
from modules.outputs import read_output
from modules.recipe import Data, Model, Recipe
from modules.settings import Trainer
from modules.streams import Streams
from modules.surgery import NoEffect
from modules.training import train
from modules.trial import training_seconds

LONG = 3.0
"""Seconds from which on an epoch is not waited for."""
EDITS = (Activation(name="tanh"), Dropout(p=0.2), Init(scheme="he_normal"))
"""One that traces, one that attaches, one that draws."""
AUGMENTATIONS = {
    "image augmentation": Augmentation(shift=0.1, rotate=15.0, scale=0.1, flip=0.5),
    "crop": Augmentation(crop=0.125),
    "cutout": Augmentation(cutout=0.5),
    "RandAugment": Augmentation(randaugment=RandAugment(operations=2)),
}


def building_against_an_epoch():
    """A row for the worst model, and how many miss the goal."""
    torch.set_num_threads(1)
    shares = {name: _share(name) for name in MODELS}
    worst = sorted(shares, key=lambda name: shares[name], reverse=True)
    for name in worst[:3]:
        yield f"building and editing {name}, of its first epoch on digits", f"{100 * shares[name]:.1f} %", "under 5 %"
    yield "  median over the zoo", f"{100 * shares[worst[len(worst) // 2]]:.1f} %", ""


def _share(name: str) -> float:
    recipe = Recipe(data=Data(name="digits"), model=Model(name=name), trainer=Trainer(epochs=1))
    edited = recipe
    for edit in EDITS:
        edited = _applied(edit, edited)
    building = min(_seconds(lambda: build(edited, 0)) for _ in range(2))
    return building / _epoch(recipe)


def _epoch(recipe: Recipe) -> float:
    """Seconds of a real epoch; of a large network those that its passes would take, which is less."""
    passes = training_seconds(recipe)
    return passes if passes > LONG else train(recipe, 0).metrics["seconds"]


def _applied(edit, recipe: Recipe) -> Recipe:
    """The edited recipe, or the recipe as it was where the edit has nothing to change."""
    try:
        build(edit.apply(recipe), 0)
    except NoEffect:
        return recipe
    return edit.apply(recipe)


def augmentation_against_a_step():
    torch.set_num_threads(1)
    network = build(Recipe(), 0)
    images, labels = torch.rand(32, 1, 32, 32), torch.randint(10, (32,))

    def step() -> None:
        F.cross_entropy(read_output(network(images)).logits, labels).backward()

    stepping = min(_seconds(step) for _ in range(50))
    for kind, how in AUGMENTATIONS.items():
        share = _augmenting(how, images) / stepping
        yield f"{kind}, of a step of LeNet-5", f"{100 * share:.0f} %", "at most 100 %"


def _augmenting(how: Augmentation, images: torch.Tensor) -> float:
    pixels = Normal(torch.zeros(1, 1, 1), torch.ones(1, 1, 1))
    augment = Augmenter(how, Streams(0), pixels, pixels.mean)
    return min(_seconds(lambda: augment(images)) for _ in range(50))


def _seconds(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
