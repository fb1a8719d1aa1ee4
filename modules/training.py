"""One run: a recipe and a seed in, numbers and weights out."""

from __future__ import annotations

import logging
import os
import time
import warnings
from dataclasses import dataclass
from typing import Literal

import pytorch_lightning as pl
import torch

from modules.batches import Batches, Epochs
from modules.build import build, parameter_count, recipe_macs
from modules.classifier import Classifier, Curves, Diverged, OnEpoch
from modules.data.splits import make_splits
from modules.measures import EVALUATION_BATCH, measure
from modules.recipe import Recipe
from modules.streams import Streams


@dataclass(frozen=True)
class Outcome:
    """What a run left."""

    status: Literal["finished", "diverged"]
    metrics: dict[str, float]
    curves: Curves
    """Per epoch, starting with the first."""
    weights: dict[str, torch.Tensor]
    device: str


def train(recipe: Recipe, seed: int, device: str = "cpu", on_epoch: OnEpoch | None = None) -> Outcome:
    """Trains the recipe under a seed on `cpu` or `cuda`; the same call gives the same numbers bit for bit.

    `on_epoch(epoch, point)` hears of every epoch. A loss that is not finite ends the run as `diverged`.
    """
    _settle()
    streams = Streams(seed, recipe.replicate)
    splits = make_splits(recipe.data.unaugmented, Streams(seed)).to(torch.device(device))
    classifier = Classifier(recipe, build(recipe, seed), streams.torch("augmentation"), on_epoch)
    torch.manual_seed(streams.number("forward"))
    trainer = lean_trainer(recipe.trainer.epochs, device)
    if device != "cpu":
        torch.cuda.reset_peak_memory_stats()  # a warm worker has trained others before
    epochs = Epochs(Batches(splits.train, recipe.trainer.batch_size, streams.torch("order")))
    started = time.perf_counter()
    try:
        trainer.fit(classifier, epochs, Batches(splits.val, EVALUATION_BATCH))
        status: Literal["finished", "diverged"] = "finished"
    except Diverged:
        status = "diverged"
    except SystemExit as leaving:  # what Lightning makes of Ctrl-C, which nobody up there would recognise
        raise KeyboardInterrupt from leaving
    seconds = time.perf_counter() - started
    network = classifier.network.to(device)
    metrics = measure(network, splits, recipe.data.label_noise) | {
        "epochs": len(classifier.curves["val_loss"]),
        "seconds": seconds,
        "parameters": parameter_count(network),
        "macs": recipe_macs(recipe),
    }
    if device != "cpu":
        metrics["peak_memory_mb"] = torch.cuda.max_memory_allocated() / 2**20
    weights = {name: tensor.cpu() for name, tensor in network.state_dict().items()}
    return Outcome(status, metrics, classifier.curves, weights, _device_name(device))


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
    )


def _settle() -> None:
    """Deterministic kernels where there are any, and no advice that does not apply to tensors already in memory."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=pl.utilities.warnings.PossibleUserWarning)
    warnings.filterwarnings("ignore", message=".*LeafSpec", module="pytorch_lightning")


def _device_name(device: str) -> str:
    return "cpu" if device == "cpu" else torch.cuda.get_device_name()
