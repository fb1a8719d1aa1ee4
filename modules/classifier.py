"""The Lightning module around a classifier: one step, one validation pass, and the curves they leave."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable
from typing import Any

import pytorch_lightning as pl
import torch
from torch import nn
from torch.nn import functional as F

from modules.data.augmentation import augment
from modules.data.splits import Part
from modules.optimizers import make_optimizer, make_schedule
from modules.outputs import AUXILIARY_WEIGHT, Output, read_output
from modules.recipe import Recipe

Curves = dict[str, list[float]]
OnEpoch = Callable[[int, dict[str, float]], None]


class Diverged(Exception):
    """The loss is no longer finite: a result, not a crash."""


class Classifier(pl.LightningModule):
    """Trains a network by a recipe. One training step is an epoch of (images, labels); accuracies are in percent.

    Training curves are running means over the batches as they were trained on: augmented, with dropout. Raises
    Diverged at the end of the first epoch whose training or validation loss is not finite; the weights are then
    those of the last finite epoch.
    """

    def __init__(
        self, recipe: Recipe, network: nn.Module, augmentation: torch.Generator, on_epoch: OnEpoch | None = None
    ):
        super().__init__()
        self.automatic_optimization = False  # Lightning's own takes a step per batch
        self.recipe, self.network, self.augmentation, self.on_epoch = recipe, network, augmentation, on_epoch
        self.curves: Curves = {"train_loss": [], "train_accuracy": [], "val_loss": [], "val_accuracy": []}
        self._sums = {"train": _Sums(), "val": _Sums()}
        self._finite_weights = copy.deepcopy(network.state_dict())

    def training_step(self, epoch: Iterable[Part], index: int) -> None:
        optimizer: Any = self.optimizers(use_pl_optimizer=False)
        for images, labels in epoch:
            optimizer.zero_grad()
            output = read_output(self.network(augment(images, self.recipe.data.augmentation, self.augmentation)))
            loss = F.cross_entropy(output.logits, labels)
            self._with_auxiliary(loss, output, labels).backward()
            optimizer.step()
            self._sums["train"].add(loss.detach(), output.logits.detach(), labels)

    def validation_step(self, batch: Part, index: int) -> None:
        logits = read_output(self.network(batch[0])).logits
        self._sums["val"].add(F.cross_entropy(logits, batch[1]), logits, batch[1])

    def on_train_epoch_end(self) -> None:
        if schedule := self.lr_schedulers():
            schedule.step()  # type: ignore[union-attr]
        point: dict[str, float] = {}
        for part, sums in self._sums.items():
            point[f"{part}_loss"], point[f"{part}_accuracy"] = sums.means()
            self._sums[part] = _Sums()
        if not (math.isfinite(point["train_loss"]) and math.isfinite(point["val_loss"])):
            self.network.load_state_dict(self._finite_weights)
            raise Diverged(f"the loss was not finite in epoch {self.current_epoch + 1}")
        self._keep_weights()
        for measure, value in point.items():
            self.curves[measure].append(value)
        if self.on_epoch:
            self.on_epoch(self.current_epoch + 1, point)

    @staticmethod
    def _with_auxiliary(loss: torch.Tensor, output: Output, labels: torch.Tensor) -> torch.Tensor:
        for logits in output.auxiliary:
            loss = loss + AUXILIARY_WEIGHT * F.cross_entropy(logits, labels)
        return loss

    def configure_optimizers(self) -> Any:
        optimizer = make_optimizer(self.recipe.optimizer, self.network)
        schedule = make_schedule(self.recipe.schedule, optimizer, self.recipe.trainer.epochs)
        return optimizer if schedule is None else ([optimizer], [schedule])

    @torch.no_grad()
    def _keep_weights(self) -> None:
        for name, tensor in self.network.state_dict().items():
            self._finite_weights[name].copy_(tensor)


class _Sums:
    """Sums over the batches of an epoch, kept on the device: reading them every step would stall a GPU."""

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
