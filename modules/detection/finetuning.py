"""Training the network on regions of the images in which things are to be found."""

from __future__ import annotations

import time

import torch
from torch import nn

from modules.averaging import Average
from modules.batches import Batches, Epochs
from modules.checkpoint import Checkpoint
from modules.classifier import Classifier, Diverged, OnEpoch
from modules.data.splits import Splits
from modules.detection.regions import Regions, Warper
from modules.detection.sampling import RegionBatches
from modules.measures import EVALUATION_BATCH
from modules.member import Status, Trained, lean_trainer
from modules.recipe import Recipe
from modules.steps import Steps
from modules.streams import Streams
from modules.tasks.task import task_of


def fine_tune(
    recipe: Recipe, network: nn.Module, warper: Warper, regions: Regions, splits: Splits, streams: Streams,
    on_epoch: OnEpoch | None,
) -> Trained:  # fmt: skip
    """Trains a network on regions drawn from the training images, by the recipe's steps; `splits.val` are the regions
    that it is validated on."""
    batch, epochs = recipe.trainer.batch_size, recipe.trainer.epochs
    count = recipe.detection.draws * len(warper.centred)
    batches = RegionBatches(warper, regions, batch, count, streams.torch("order"))
    steps = Steps(recipe, network, streams, splits, regions.overlap.shape[1] + 1, epochs * len(batches))
    shown_again = RegionBatches(warper, regions, batch, count, streams.torch("order"))
    average = Average(recipe.averaging, network, epochs, shown_again, recipe.trainer.precision)
    checkpoint = Checkpoint(recipe.stopping, network)
    classifier = Classifier(network, steps, average, checkpoint, task_of(recipe.data), on_epoch)
    torch.manual_seed(streams.number("forward"))
    started, device = time.perf_counter(), warper.centred.device
    status = _fitted(classifier, epochs, batches, Batches(splits.val, EVALUATION_BATCH), device)
    seconds = time.perf_counter() - started
    network.to(device)
    checkpoint.restore()
    return Trained(network, status, classifier.curves, checkpoint.epoch, seconds)


def _fitted(classifier: Classifier, epochs: int, batches: RegionBatches, val: Batches, device: torch.device) -> Status:
    try:
        lean_trainer(epochs, device.type).fit(classifier, Epochs(batches), val)
    except Diverged:
        return "diverged"
    except SystemExit as leaving:  # what Lightning makes of Ctrl-C, which nobody up there would recognise
        raise KeyboardInterrupt from leaving
    return "finished"
