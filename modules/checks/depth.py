"""What deep networks do to gradients before the first step."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from modules.build import build_model
from modules.checks import Checked
from modules.data.splits import make_splits
from modules.recipe import Recipe
from modules.streams import Streams

DEPTH, WIDTH, SEEDS = 30, 128, 3
he = partial(nn.init.kaiming_normal_, nonlinearity="relu")
xavier = nn.init.xavier_normal_


def deep_gradients() -> Checked:
    """Behind a ReLU, He's rule (2015) keeps the gradient's variance and Glorot's (2010) halves it in every layer."""
    kept = [first_gradient(he, seed) for seed in range(SEEDS)]
    lost = [first_gradient(xavier, seed) / first for seed, first in enumerate(kept)]
    measured = f"He {min(kept):.1f} to {max(kept):.1f}; Xavier / He at most {max(lost):.0e}"
    holds = min(kept) > 0.1 and max(kept) < 10 and max(lost) < 1e-4
    return Checked(f"First-layer gradient of {DEPTH} ReLU layers at step 0", measured, "about 1; below 1e-4", holds)


def first_gradient(draw: Callable[..., object], seed: int) -> float:
    """Norm of the gradient of the first weight matrix over 200 images of digits."""
    recipe = Recipe.model_validate({"data": {"train_size": 200, "image_size": 16}})
    images, labels = make_splits(recipe.data, Streams(seed)).train
    sizes = [16 * 16, *[WIDTH] * (DEPTH - 1), 10]
    linears = [nn.Linear(*pair) for pair in itertools.pairwise(sizes)]
    draws = Streams(seed).torch("init")
    for linear in linears:
        draw(linear.weight, generator=draws)
        nn.init.zeros_(linear.bias)
    hidden = [module for linear in linears[:-1] for module in (linear, nn.ReLU())]
    network = nn.Sequential(nn.Flatten(), *hidden, linears[-1])
    F.cross_entropy(network(images), labels).backward()
    assert linears[0].weight.grad is not None
    return float(torch.linalg.matrix_norm(linears[0].weight.grad))


def residual_gradients() -> Checked:
    """At 56 layers: plain with batch norm the gradient grows towards the first layer (Yang et al. 2019), by thousands;
    skips keep it near that of the last. It vanishes in neither, as He et al. (2016) found, nor without the norm.
    """
    skips, plain = first_to_last("cifar_resnet56", normed=True), first_to_last("cifar_plain56", normed=True)
    bare = [first_to_last(name, normed=False) for name in ("cifar_resnet56", "cifar_plain56")]
    measured = f"batch norm: {skips:.0f} with skips, {plain:,.0f} plain; none: {bare[0]:.2g} with, {bare[1]:.2g} plain"
    holds = 0.1 < skips < 100 and plain > 50 * skips and all(0.01 < ratio < 100 for ratio in bare)
    says = "56 layers at step 0, gradient of the first convolution over the last's: skips hold it, plain it explodes"
    return Checked(says, measured, "batch norm: 0.1 to 100, over 50 times that; none: 0.01 to 100", holds)


def first_to_last(name: str, normed: bool) -> float:
    """The ratio of the two gradients' norms, on random images."""
    with Streams(0).borrowed("init"):
        network = build_model(name, classes=10, channels=1, image_size=16)
        images = torch.randn(16, 1, 16, 16)
    if not normed:
        for module in list(network.modules()):
            for child, norm in list(module.named_children()):
                if isinstance(norm, nn.BatchNorm2d):
                    setattr(module, child, nn.Identity())
    F.cross_entropy(network(images), torch.arange(16) % 10).backward()
    slopes = [conv.weight.grad for conv in network.modules() if isinstance(conv, nn.Conv2d)]
    assert slopes[0] is not None and slopes[-1] is not None
    return float(slopes[0].norm() / slopes[-1].norm())
