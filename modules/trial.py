"""A short trial of a recipe's speed, on random images."""

from __future__ import annotations

import time
from statistics import mean

import torch
from torch import nn
from torch.nn import functional as F

from modules.build import build, example_of
from modules.data.facts import data_facts
from modules.detection.digits import single_digits
from modules.forward import pass_images
from modules.recipe import Recipe
from modules.settings import Detection
from modules.tasks.task import task_of
from modules.workload import image_passes

FEW = 4
"""Images that are enough to tell how slow a large network is."""
SLOW = 0.02
"""Seconds for a few images from which on a network counts as large; a small one has to be tried on whole batches."""

REGIONS = 50
"""Of an image: about what selective search proposes in small ones."""


def training_seconds(recipe: Recipe) -> float:
    """Seconds that training would take on one core, from a few steps; passes without gradients count as a third of one
    with them."""
    network = build(recipe, seed=0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    seconds = min(_step(network, recipe, FEW) for _ in range(2)) / FEW  # the first one pays for the memory
    if seconds * FEW < SLOW:
        batch = min(recipe.trainer.batch_size, recipe.data.trained_size)
        seconds = mean(_step(network, recipe, batch) for _ in range(5)) / batch
    torch.set_num_threads(threads)
    return seconds * (_of_detector(recipe) if data_facts(recipe.data).task == "detection" else _passes(recipe))


def _passes(recipe: Recipe, val_size: int | None = None) -> float:
    """Training passes of images that training comes to."""
    size = recipe.data.val_size if val_size is None else val_size
    return image_passes(recipe) + size * recipe.trainer.epochs * recipe.ensemble.members / 3


def _of_detector(recipe: Recipe) -> float:
    """The same of regions: single digits first, then fine-tuning, and a look at all regions of all images."""
    regions, digits = min(REGIONS, recipe.detection.proposals), single_digits(recipe)
    looks = regions * data_facts(recipe.data).images / 3
    tuning = _passes(recipe, regions * recipe.data.val_size) if recipe.detection.fine_tuning else 0
    return _passes(recipe.model_copy(update={"data": digits, "detection": Detection()})) + tuning + looks


def _step(network: nn.Module, recipe: Recipe, count: int) -> float:
    """Seconds of a pass forth and back with so many images."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(count, *example_of(recipe).shape[1:], generator=generator)
    shape = task_of(recipe.data).label_shape(images.shape)
    labels = torch.randint(data_facts(recipe.data).classes, shape, generator=generator)
    started = time.perf_counter()
    F.cross_entropy(pass_images(network, images, recipe.trainer.precision).logits, labels).backward()
    return time.perf_counter() - started
