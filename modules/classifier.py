"""The Lightning module around a network that classifies images or pixels: epochs of training steps, validation, and
the curves they leave."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import pytorch_lightning as pl
from torch import nn

from modules.averaging import Average
from modules.checkpoint import Checkpoint
from modules.data.splits import Part
from modules.forward import pass_images
from modules.losses import cross_entropy
from modules.steps import Steps
from modules.tasks.task import Task

Curves = dict[str, list[float]]
OnEpoch = Callable[[int, dict[str, float]], None]


class Diverged(Exception):
    """The loss is no longer finite: a result, not a crash."""


class Classifier(pl.LightningModule):
    """Trains a network by steps. One training step of Lightning's is an epoch of (images, labels).

    Accuracies, or whatever score the task has, are in percent; validation losses are cross-entropy whatever is
    minimised, so that arms compare. Training curves are running means over the batches as they were trained on:
    augmented, with dropout. Raises Diverged at the end of the first epoch whose training or validation loss is not
    finite. The weights to measure are those of `checkpoint`.
    """

    def __init__(
        self,
        network: nn.Module,
        steps: Steps,
        average: Average,
        checkpoint: Checkpoint,
        task: Task,
        on_epoch: OnEpoch | None = None,
    ):
        super().__init__()
        self.automatic_optimization = False  # Lightning's own takes a step per batch
        self.network, self.steps, self.average, self.checkpoint = network, steps, average, checkpoint
        self.task, self.on_epoch = task, on_epoch
        self.curves: Curves = {"train_loss": [], "train_accuracy": [], "val_loss": [], "val_accuracy": []}
        self._tallies = {"train": task.tally(), "val": task.tally()}

    def training_step(self, epoch: Iterable[Part], index: int) -> None:
        for images, labels in epoch:
            logits, loss = self.steps.take(images, labels)
            self.average.step_ended()
            self._tallies["train"].add(loss, logits, labels)
        self.average.epoch_ended(self.current_epoch + 1)

    def on_validation_start(self) -> None:
        self.average.exchange()
        self.average.settle()

    def validation_step(self, batch: Part, index: int) -> None:
        logits = pass_images(self.network, batch[0], self.steps.recipe.trainer.precision).logits
        self._tallies["val"].add(cross_entropy(logits, batch[1]), logits, batch[1])

    def on_train_epoch_end(self) -> None:
        point: dict[str, float] = {}
        for part, tally in self._tallies.items():
            point[f"{part}_loss"], point[f"{part}_accuracy"] = tally.means()
            self._tallies[part] = self.task.tally()
        if not (math.isfinite(point["train_loss"]) and math.isfinite(point["val_loss"])):
            raise Diverged(f"the loss was not finite in epoch {self.current_epoch + 1}")
        self.checkpoint.offer(self.current_epoch + 1, point)
        self.average.exchange()
        self.trainer.should_stop = self.checkpoint.stop
        for measure, value in point.items():
            self.curves[measure].append(value)
        if self.on_epoch:
            self.on_epoch(self.current_epoch + 1, point)

    def configure_optimizers(self) -> Any:
        return self.steps.optimizer
