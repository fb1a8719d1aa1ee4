"""One class for each image, or each row of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from modules.data.splits import Splits
from modules.measures import measure
from modules.recipe import Recipe


class Classification:
    """Logits (N, K), labels (N,); the score is accuracy."""

    output = "(N, classes)"

    def output_shape(self, images: torch.Size, classes: int) -> tuple[int, ...]:
        return images[0], classes

    def label_shape(self, images: torch.Size) -> tuple[int, ...]:
        return (images[0],)

    def tally(self) -> Correct:
        return Correct()

    def measure(self, networks: Sequence[nn.Module], splits: Splits, recipe: Recipe) -> dict[str, float]:
        return measure(networks, splits, recipe.data.label_noise, recipe.trainer.precision)

    def pictures(self, networks: Sequence[nn.Module], splits: Splits, recipe: Recipe) -> tuple[dict[str, Any], ...]:
        return ()

    def refuse_unfit(self, recipe: Recipe) -> None:
        """Every setting there is has a meaning here."""


class Correct:
    """Sums of the losses and of what was right."""

    def __init__(self) -> None:
        self.count = 0
        self.loss: torch.Tensor | float = 0.0
        self.correct: torch.Tensor | float = 0.0

    def add(self, loss: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> None:
        self.count += len(labels)
        self.loss = self.loss + loss * len(labels)
        self.correct = self.correct + (logits.argmax(1) == labels).sum()

    def means(self) -> tuple[float, float]:
        return float(self.loss) / self.count, 100 * float(self.correct) / self.count
