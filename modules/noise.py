"""Noise while training: on images, labels, weights and gradients. Every draw comes from the generator given."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import torch

from modules.keeping import kept

DECAY = 0.55
"""Exponent of the published decay of gradient noise."""


def normal_like(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Standard normal numbers in the form of a tensor, drawn where the generator is."""
    return torch.randn(tensor.shape, generator=generator, device=generator.device).to(tensor)


def noisy_images(images: torch.Tensor, sigma: float, spread: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Images (N, C, S, S) with Gaussian noise of `sigma` times the spread (C, 1, 1) of the training images (Bishop
    1995)."""
    return images + sigma * spread.to(images) * normal_like(images, generator)


def redrawn_labels(labels: torch.Tensor, classes: int, p: float, generator: torch.Generator) -> torch.Tensor:
    """Labels (N,), each replaced with probability `p` by a uniform draw over all classes (DisturbLabel, Xie et al.
    2016), so that about p (K - 1) / K of them change."""
    replaced = torch.rand(labels.shape, generator=generator) < p
    draws = torch.randint(classes, labels.shape, generator=generator)
    return torch.where(replaced.to(labels.device), draws.to(labels.device), labels)


@contextlib.contextmanager
def noisy_weights(weights: Sequence[torch.Tensor], sigma: float, generator: torch.Generator) -> Iterator[None]:
    """Gaussian noise on weights, of `sigma` times the spread of each tensor, taken back on leaving to the last bit
    (Murray and Edwards 1994)."""
    with kept(lambda: weights):
        with torch.no_grad():
            for weight in weights:
                weight.add_(sigma * weight.std(correction=0) * normal_like(weight, generator))
        yield


@torch.no_grad()
def add_gradient_noise(
    parameters: Sequence[torch.nn.Parameter], eta: float, step: int, generator: torch.Generator
) -> None:
    """Gaussian noise of variance eta / (1 + step)^0.55 on every gradient (Neelakantan et al. 2015)."""
    sigma = (eta / (1 + step) ** DECAY) ** 0.5
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad.add_(sigma * normal_like(parameter.grad, generator))
