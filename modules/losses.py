"""Losses from recipes, as functions of logits (N, K) and targets: labels (N,) or shares of every class (N, K); where
there is a class for every pixel, of (N, K, S, S) and (N, S, S)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch.nn import functional as F

from modules.settings import CrossEntropy, Focal, Loss

LossFunction = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def make_loss(recipe: Loss) -> LossFunction:
    """The recipe's loss: the mean over the batch of what it says of each example."""
    if isinstance(recipe, CrossEntropy):
        return partial(cross_entropy, label_smoothing=recipe.label_smoothing)
    per_example = partial(focal, gamma=recipe.gamma) if isinstance(recipe, Focal) else squared_error
    return lambda logits, targets: per_example(logits, smoothed(targets, logits, recipe.label_smoothing)).mean()


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor, label_smoothing: float = 0.0) -> torch.Tensor:
    """torch's; on a GPU that of pixels in a row, since that of whole masks rounds otherwise each time."""
    if logits.dim() > 2 and logits.is_cuda:
        logits, targets = in_a_row(logits, targets)
    return F.cross_entropy(logits, targets, label_smoothing=label_smoothing)


def in_a_row(logits: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Pixels as examples: (N, K, S, S) and (N, S, S) as (N S S, K) and (N S S,)."""
    return logits.movedim(1, -1).flatten(0, -2), targets.flatten()


def focal(logits: torch.Tensor, targets: torch.Tensor, gamma: float) -> torch.Tensor:
    """Focal loss (Lin et al. 2017) of each example (N,), with soft `targets` (N, K): each class's cross-entropy is
    weighed by (1 - p)^gamma."""
    log_p = logits.log_softmax(1)
    # Where p is rounded to 1, a gamma below 1 would have an infinite slope.
    doubt = (1 - log_p.exp()).clamp_min(torch.finfo(log_p.dtype).tiny)
    return -(targets * doubt**gamma * log_p).sum(1)


def squared_error(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Brier's score (1950) of each example (N,), 0 to 2: squared distance of probabilities from `targets` (N, K)."""
    return (logits.softmax(1) - targets).square().sum(1)


def smoothed(targets: torch.Tensor, like: torch.Tensor, smoothing: float) -> torch.Tensor:
    """Targets as shares of every class (N, K), a share `smoothing` of them spread evenly (Szegedy et al. 2016)."""
    return (1 - smoothing) * one_hot(targets, like) + smoothing / like.shape[1]


def one_hot(targets: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Labels (N,) as shares of every class, in the kind of `like` (N, K); what are shares already stays."""
    return F.one_hot(targets, like.shape[1]).movedim(-1, 1).to(like) if targets.dim() < like.dim() else targets
