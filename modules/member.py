"""One network trained: the one of a run, or a member of its ensemble."""

from __future__ import annotations

import time
from functools import partial
from typing import Literal, NamedTuple

import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins.environments import LightningEnvironment
from torch import nn

from modules.averaging import Average
from modules.batches import Batches, Epochs, even_batches
from modules.build import build
from modules.checkpoint import Checkpoint
from modules.classifier import Classifier, Curves, Diverged, OnEpoch
from modules.data.facts import data_facts
from modules.data.splits import Splits
from modules.measures import EVALUATION_BATCH
from modules.probe import Spreads, probe
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


def train_member(
    recipe: Recipe, seed: int, member: int, splits: Splits, device: str, on_epoch: OnEpoch | None = None
) -> Trained:
    """Trains one network under the streams of its seed and its place in the ensemble."""
    streams = Streams(seed, recipe.replicate, member)
    network = build(recipe, seed, member).to(device)
    epochs, chosen = recipe.trainer.epochs, _resampled(recipe, splits, streams)
    batches = Batches(splits.train, recipe.trainer.batch_size, streams.torch("order"), chosen)
    steps = Steps(recipe, network, streams, splits, data_facts(recipe.data).classes, epochs * len(batches))
    shown_again = even_batches(splits.train, EVALUATION_BATCH, chosen)
    average = Average(recipe.averaging, network, epochs, shown_again, recipe.trainer.precision)
    checkpoint = Checkpoint(recipe.stopping, network)
    classifier = Classifier(network, steps, average, checkpoint, task_of(recipe.data), on_epoch)
    look = partial(_probed, recipe, network, splits, steps, streams)
    start = look()
    torch.manual_seed(streams.number("forward"))
    started = time.perf_counter()
    status = _fit(classifier, lean_trainer(epochs, device), batches, Batches(splits.val, EVALUATION_BATCH))
    seconds = time.perf_counter() - started
    network.to(device)
    checkpoint.restore()
    probed = {"start": start, "end": look()} if recipe.trainer.probe else None
    return Trained(network, status, classifier.curves, checkpoint.epoch, seconds, probed)


def _probed(recipe: Recipe, network: nn.Module, splits: Splits, steps: Steps, streams: Streams) -> Spreads:
    """What a probe of the first training images finds, without augmentation; nothing where none is asked for."""
    if not recipe.trainer.probe:
        return {}
    batch = next(iter(Batches(splits.train, recipe.trainer.batch_size)))
    return probe(network, batch, steps.loss, recipe.trainer.precision, streams.number("forward"))


def _resampled(recipe: Recipe, splits: Splits, streams: Streams) -> torch.Tensor | None:
    """Which images a member is trained on: all, or as many drawn with replacement (Breiman 1996)."""
    if not recipe.ensemble.bootstrap:
        return None
    count = len(splits.true_labels)
    return torch.randint(count, (count,), generator=streams.torch("bootstrap"))


def _fit(classifier: Classifier, trainer: pl.Trainer, train: Batches, val: Batches) -> Status:
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
