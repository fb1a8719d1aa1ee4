"""One run: a recipe and a seed in, numbers and weights out."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from statistics import fmean
from typing import Any

import pytorch_lightning as pl
import torch
from torch import nn

from modules.build import parameter_count, recipe_macs
from modules.classifier import Curves, OnEpoch
from modules.data.facts import data_facts
from modules.data.splits import Splits, make_splits
from modules.fitting import Status, Trained
from modules.imports import load_object
from modules.member import train_member
from modules.probe import Spreads
from modules.recipe import Recipe
from modules.streams import Streams
from modules.tasks import TASKS
from modules.tasks.task import task_of


@dataclass(frozen=True)
class Outcome:
    """What a run left."""

    status: Status
    metrics: dict[str, float]
    curves: Curves
    """Per epoch, starting with the first; of an ensemble the mean over the members that were still trained."""
    weights: dict[str, torch.Tensor]
    device: str
    pictures: tuple[dict[str, Any], ...] = ()
    """A few images with what was found in them, as JSON-able data, where there is more to see than a class."""
    probe: dict[str, Spreads] | None = None
    """What a probe found at the `start` and the `end`, in the first member of an ensemble, where it was asked for."""


Train = Callable[[Recipe, int, str, OnEpoch | None], Outcome]


def train(recipe: Recipe, seed: int, device: str = "cpu", on_epoch: OnEpoch | None = None) -> Outcome:
    """Trains the recipe under a seed on `cpu` or `cuda`, for the task of its data; the same call gives the same numbers
    bit for bit.

    `on_epoch(epoch, point)` hears of every epoch; of an ensemble it counts them through all members, and the points
    are empty, since no member is what the run is about. A loss that is not finite ends the run as `diverged`.
    """
    _settle()
    train_task: Train = load_object(TASKS[data_facts(recipe.data).task].train)
    return train_task(recipe, seed, device, on_epoch)


def train_networks(recipe: Recipe, seed: int, device: str, on_epoch: OnEpoch | None) -> Outcome:
    """Trains a network, or those of an ensemble, whose output is all there is to measure."""
    splits = make_splits(recipe.data.unaugmented, Streams(seed)).to(torch.device(device))
    if device != "cpu":
        torch.cuda.reset_peak_memory_stats()  # a warm worker has trained others before
    members = list(_members(recipe, seed, splits, device, on_epoch))
    networks = [member.network for member in members]
    task = task_of(recipe.data)
    metrics = task.measure(networks, splits, recipe) | {
        "epochs": sum(len(member.curves["val_loss"]) for member in members),
        "seconds": sum(member.seconds for member in members),
        "parameters": sum(map(parameter_count, networks)),
        "macs": recipe_macs(recipe),
    }
    if len(members) == 1:
        metrics["checkpoint_epoch"] = members[0].checkpoint_epoch
    if device != "cpu":
        metrics["peak_memory_mb"] = torch.cuda.max_memory_allocated() / 2**20
    status: Status = "diverged" if "diverged" in [member.status for member in members] else "finished"
    curves = mean_curves([member.curves for member in members])
    pictures = task.pictures(networks, splits, recipe)
    return Outcome(status, metrics, curves, _weights(networks), device_name(device), pictures, members[0].probe)


def _members(recipe: Recipe, seed: int, splits: Splits, device: str, on_epoch: OnEpoch | None) -> Iterator[Trained]:
    """The networks of an ensemble, or the one network that there is."""
    epochs = 0
    for member in range(recipe.ensemble.members):
        hears = on_epoch
        if on_epoch and recipe.ensemble.members > 1:
            hears = partial(_counted, on_epoch, epochs)
        trained = train_member(recipe, seed, member, splits, device, hears)
        epochs += len(trained.curves["val_loss"])
        yield trained


def _counted(on_epoch: OnEpoch, before: int, epoch: int, point: dict[str, float]) -> None:
    on_epoch(before + epoch, {})


def mean_curves(members: Sequence[Curves]) -> Curves:
    """Epoch by epoch, the mean over the members that got there."""
    return {
        name: [fmean(value for value in values if value is not None) for values in zip_longest(*side_by_side)]
        for name, side_by_side in ((name, [curves[name] for curves in members]) for name in members[0])
    }


def _weights(networks: Sequence[nn.Module]) -> dict[str, torch.Tensor]:
    """By name; those of an ensemble under `member_1.` and so on."""
    if len(networks) == 1:
        return saved(networks[0])
    members = enumerate(map(saved, networks), start=1)
    return {f"member_{number}.{name}": tensor for number, saved in members for name, tensor in saved.items()}


def saved(network: nn.Module) -> dict[str, torch.Tensor]:
    """The tensors of a network's state; a network of somebody's own may keep other things there, too."""
    return {name: tensor.cpu() for name, tensor in network.state_dict().items() if isinstance(tensor, torch.Tensor)}


def _settle() -> None:
    """Deterministic kernels where there are any, and no advice that does not apply to tensors already in memory."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=pl.utilities.warnings.PossibleUserWarning)
    warnings.filterwarnings("ignore", message=".*LeafSpec", module="pytorch_lightning")


def device_name(device: str) -> str:
    return "cpu" if device == "cpu" else torch.cuda.get_device_name()
