"""The epochs of one network, whatever its batches are: what Lightning is asked to do, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sized
from typing import Literal, NamedTuple, Protocol

import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins.environments import LightningEnvironment
from torch import nn

from modules.averaging import Average
from modules.batches import Batches, Epochs
from modules.checkpoint import Checkpoint
from modules.classifier import Classifier, Curves, Diverged, OnEpoch
from modules.data.splits import Part, Splits
from modules.measures import EVALUATION_BATCH
from modules.probe import Spreads
from modules.recipe import Recipe
from modules.steps import Steps
from modules.streams import Streams
from modules.tasks.task import task_of

Status = Literal["finished", "diverged"]


class Trained(NamedTuple):
    """One network, and how its training went."""

    network: nn.Module
    status: Status
    curves: Curves
    checkpoint_epoch: int
    """The epoch whose weights it has."""
    seconds: float
    probe: dict[str, Spreads] | None = None
    """What a probe found at the `start` and at the `end`, where the recipe asks for it."""


class Lot(Sized, Iterable[Part], Protocol):
    """Batches, as many as it is long, which may be others each time."""


def fit(
    recipe: Recipe, network: nn.Module, splits: Splits, batches: Lot, shown_again: Iterable[Part], classes: int,
    streams: Streams, on_epoch: OnEpoch | None,
) -> Trained:  # fmt: skip
    """Trains a network on `batches`, by the recipe's steps, and leaves it with the weights that are to be measured.

    `splits` say how images became what they are, and their validation part is validated on. `shown_again` is what batch
    norms see once more, where weights are averaged.
    """
    epochs, device = recipe.trainer.epochs, next(network.parameters()).device
    steps = Steps(recipe, network, streams, splits, classes, epochs * len(batches))
    average = Average(recipe.averaging, network, epochs, shown_again, recipe.trainer.precision)
    checkpoint = Checkpoint(recipe.stopping, network)
    classifier = Classifier(network, steps, average, checkpoint, task_of(recipe.data), on_epoch)
    torch.manual_seed(streams.number("forward"))
    started = time.perf_counter()
    status = _fitted(classifier, lean_trainer(epochs, device.type), batches, Batches(splits.val, EVALUATION_BATCH))
    seconds = time.perf_counter() - started
    network.to(device)
    checkpoint.restore()
    return Trained(network, status, classifier.curves, checkpoint.epoch, seconds)


def _fitted(classifier: Classifier, trainer: pl.Trainer, train: Lot, val: Batches) -> Status:
    try:
        trainer.fit(classifier, Epochs(train), val)
    except Diverged:
        return "diverged"
    except SystemExit as leaving:  # what Lightning makes of Ctrl-C, which nobody up there would recognise
        raise KeyboardInterrupt from leaving
    return "finished"


def lean_trainer(epochs: int, device: str) -> pl.Trainer:
    """A Trainer without what costs more than a small network's step: bars, summaries, checkpoints, step logs."""
    return pl.Trainer(
        max_epochs=epochs,
        accelerator="cpu" if device == "cpu" else "gpu",
        devices=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        plugins=[LightningEnvironment()],  # in a job of SLURM it would else take its signals, and requeue the job
    )
