"""What a task asks of a network: which output, which score while it trains, which measures at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import nn

from modules.data.facts import data_facts
from modules.imports import load_object
from modules.tasks import TASKS

if TYPE_CHECKING:
    from modules.data.splits import Splits
    from modules.recipe import Data, Recipe


class Tally(Protocol):
    """Sums over the batches of an epoch, kept on the device: reading them every step would stall a GPU."""

    def add(self, loss: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> None:
        """Counts a batch and its mean loss."""

    def means(self) -> tuple[float, float]:
        """The mean loss and the score in percent."""


class Task(Protocol):
    """What is particular to a task."""

    output: str
    """What a network returns, as messages say it of images (N, C, S, S) of K classes."""

    def output_shape(self, images: torch.Size, classes: int) -> tuple[int, ...]:
        """The shape of what a network returns for `images` (N, C, S, S)."""

    def label_shape(self, images: torch.Size) -> tuple[int, ...]:
        """The shape of the labels of `images` (N, C, S, S)."""

    def tally(self) -> Tally:
        """Sums of an epoch, all zero."""

    def measure(self, networks: Sequence[nn.Module], splits: Splits, recipe: Recipe) -> dict[str, float]:
        """The final scalars of a run, scores in percent; the one place where test images are read."""

    def pictures(self, networks: Sequence[nn.Module], splits: Splits, recipe: Recipe) -> tuple[dict[str, Any], ...]:
        """A few test images with what was found in them, as JSON-able data; none where a class is all there is."""

    def refuse_unfit(self, recipe: Recipe) -> None:
        """Raises ValueError where the recipe asks for what the task has no meaning for."""


def task_of(data: Data) -> Task:
    """The task that a recipe's data are for."""
    task: Task = load_object(TASKS[data_facts(data).task].task)()
    return task
