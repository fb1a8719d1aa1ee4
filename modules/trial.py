"""A short trial of a recipe's speed, on random images."""

from __future__ import annotations

import time
from statistics import mean

import torch
from torch import nn
from torch.nn import functional as F

from modules.build import build, example_of
from modules.data.facts import data_facts
from modules.forward import pass_images
from modules.recipe import Recipe
from modules.tasks.task import task_of
from modules.workload import image_passes

FEW = 4
"""Images that are enough to tell how slow a large network is."""
SLOW = 0.02
"""Seconds for a few images from which on a network counts as large; a small one has to be tried on whole batches."""


def training_seconds(recipe: Recipe) -> float:
    """Seconds that training would take on one core, from a few steps; validation passes are counted as a third of
    a training pass an image."""
    network = build(recipe, seed=0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    seconds = min(_step(network, recipe, FEW) for _ in range(2)) / FEW  # the first one pays for the memory
    if seconds * FEW < SLOW:
        batch = min(recipe.trainer.batch_size, recipe.data.trained_size)
        seconds = mean(_step(network, recipe, batch) for _ in range(5)) / batch
    torch.set_num_threads(threads)
    validated = recipe.data.val_size * recipe.trainer.epochs * recipe.ensemble.members
    return seconds * (image_passes(recipe) + validated / 3)


def _step(network: nn.Module, recipe: Recipe, count: int) -> float:
    """Seconds of a pass forth and back with so many images."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(count, *example_of(recipe).shape[1:], generator=generator)
    shape = task_of(recipe.data).label_shape(images.shape)
    labels = torch.randint(data_facts(recipe.data).classes, shape, generator=generator)
    started = time.perf_counter()
    F.cross_entropy(pass_images(network, images, recipe.trainer.precision).logits, labels).backward()
    return time.perf_counter() - started
