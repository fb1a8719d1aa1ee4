"""A short trial of a recipe's speed, on random images."""

from __future__ import annotations

import time

import torch
from torch.nn import functional as F

from modules.build import build
from modules.catalog import DATASETS
from modules.recipe import Recipe


def training_seconds(recipe: Recipe, steps: int = 5) -> float:
    """Seconds that training would take on one core, from a few steps; validation passes are counted as a third of
    a training pass an image."""
    data, size = DATASETS[recipe.data.name], recipe.data.image_size
    network = build(recipe, seed=0)
    batch = min(recipe.trainer.batch_size, recipe.data.train_size or recipe.data.pool_size)
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(batch, data.channels, size, size, generator=generator)
    labels = torch.randint(data.classes, (batch,), generator=generator)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    started = time.perf_counter()
    for _ in range(steps):
        F.cross_entropy(network(images), labels).backward()
    an_image = (time.perf_counter() - started) / steps / batch
    torch.set_num_threads(threads)
    trained = recipe.data.train_size or recipe.data.pool_size
    return an_image * recipe.trainer.epochs * (trained + recipe.data.val_size / 3)
