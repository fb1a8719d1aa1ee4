"""One run of R-CNN (Girshick et al. 2014): proposals, a network trained on them, and a detector on its features."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch.nn import functional as F

from modules.build import example_of, parameter_count, recipe_macs
from modules.classifier import OnEpoch
from modules.data.facts import data_facts
from modules.data.splits import Part, Splits, make_splits
from modules.detection.detector import Detector, fit_detector
from modules.detection.evaluation import Found, mean_average_precision
from modules.detection.finetuning import fine_tune
from modules.detection.galleries import Gallery, make_galleries, refuse_lacking
from modules.detection.layers import Seen, see
from modules.detection.pictures import pictures
from modules.detection.pretraining import pretrained, pretraining_recipe, ready_network
from modules.detection.proposals import Proposals, proposals
from modules.fitting import Trained
from modules.recipe import Recipe
from modules.streams import Streams
from modules.tasks.task import task_of
from modules.training import Outcome, device_name, saved


class Looked(NamedTuple):
    """What was found in a part."""

    seen: Seen
    found: Found
    seconds: float


def train(recipe: Recipe, seed: int, device: str, on_epoch: OnEpoch | None) -> Outcome:
    """Trains a network on regions, fits what stands on its features, and finds things in all images.

    Epochs, curves and the test loss are those of the training on regions; where there is none, epochs and curves are
    those of the training on single digits. Training time is that of all that is fitted; proposals are kept for all runs
    on the same images, and count in the seconds that an image takes.
    """
    task_of(recipe.data).refuse_unfit(recipe)
    proposed, splits = proposals(recipe.data), _pixels(recipe, seed, device)
    galleries = make_galleries(recipe, splits, proposed)
    refuse_lacking(recipe, seed, galleries)
    trained = _trained(recipe, seed, galleries, splits, device, on_epoch)
    detector, seconds = _fitted(recipe, seed, trained, galleries["train"])
    looked = {part: _look(recipe, trained, detector, gallery) for part, gallery in galleries.items()}
    metrics = _measures(recipe, galleries, looked, proposed) | _costs(recipe, trained, seconds, device)
    shown = pictures(galleries["test"], looked["test"].found, data_facts(recipe.data).class_names)
    return Outcome(trained.status, metrics, trained.curves, saved(trained.network), device_name(device), pictures=shown)


def _pixels(recipe: Recipe, seed: int, device: str) -> Splits:
    """The images as they are, in memory, since regions are cut from them at random."""
    plain = recipe.data.unaugmented.model_copy(update={"standardize": False, "stream": False})
    if device != "cpu":
        torch.cuda.reset_peak_memory_stats()  # a warm worker has trained others before
    return make_splits(plain, Streams(seed)).to(torch.device(device))


def _trained(
    recipe: Recipe, seed: int, galleries: Mapping[str, Gallery], splits: Splits, device: str, on_epoch: OnEpoch | None
) -> Trained:
    """The network whose features are used, and how its last training went."""
    learnt = pretrained(pretraining_recipe(recipe), seed, device)
    train = galleries["train"]
    network = ready_network(recipe, seed, learnt.network, example_of(recipe)).to(device)
    if not recipe.detection.fine_tuning:
        return learnt._replace(network=network)
    squares = Part(*galleries["val"].squares)
    pixels, identity = splits.moments, splits.normal
    normal, moments = (pixels, identity) if recipe.data.standardize else (identity, pixels)
    seen = splits._replace(val=squares, normal=normal, moments=moments)
    streams = Streams(seed, recipe.replicate)
    tuned = fine_tune(recipe, network, train.warper, train.regions, seen, streams, on_epoch)
    status = learnt.status if learnt.status == "diverged" else tuned.status
    return tuned._replace(status=status, seconds=learnt.seconds + tuned.seconds)


def _fitted(recipe: Recipe, seed: int, trained: Trained, gallery: Gallery) -> tuple[Detector, float]:
    """What stands on the network's features, and the seconds that it took."""
    started, streams = time.perf_counter(), Streams(seed, recipe.replicate)
    seen = see(trained.network, gallery.warper, gallery.regions, recipe.trainer.precision)
    detector = fit_detector(recipe.detection, gallery.regions, seen, streams.number("mining") % 2**31)
    return detector, time.perf_counter() - started


def _look(recipe: Recipe, trained: Trained, detector: Detector, gallery: Gallery) -> Looked:
    started = time.perf_counter()
    proposed = gallery.proposed
    seen = see(trained.network, gallery.warper, proposed, recipe.trainer.precision)
    found = detector.found(proposed, seen, gallery.images.shape[-1])
    return Looked(seen, found, (time.perf_counter() - started) / len(gallery.truth))


def _measures(
    recipe: Recipe, galleries: Mapping[str, Gallery], looked: Mapping[str, Looked], proposed: Proposals
) -> dict[str, float]:
    """The final scalars; the one place where what is known of test images is compared with what was found."""
    precision = {part: mean_average_precision(looked[part].found, gallery.truth) for part, gallery in galleries.items()}
    train, val, test = (precision[part].at_50 for part in ("train", "val", "test"))
    gallery, there = galleries["test"], looked["test"]
    loss = float(F.cross_entropy(there.seen.logits.cpu(), gallery.proposed.labels))
    return {
        "train_accuracy": train,
        "train_accuracy_clean": train,
        "val_accuracy": val,
        "test_accuracy": test,
        "gap": train - test,
        **({"test_loss": loss} if recipe.detection.fine_tuning else {}),
        "test_map_50": test,
        "test_map_50_95": precision["test"].at_50_to_95,
        "proposal_recall": gallery.recall,
        "proposals_per_image": len(gallery.proposed.image) / len(gallery.truth),
        "seconds_per_image": proposed.seconds + there.seconds,
    }


def _costs(recipe: Recipe, trained: Trained, seconds: float, device: str) -> dict[str, float]:
    """What training took; `seconds` are those after the network's. MACs are those of one region."""
    costs = {
        "epochs": len(trained.curves["val_loss"]),
        "checkpoint_epoch": trained.checkpoint_epoch,
        "seconds": trained.seconds + seconds,
        "parameters": parameter_count(trained.network),
        "macs": recipe_macs(recipe),
    }
    return costs if device == "cpu" else costs | {"peak_memory_mb": torch.cuda.max_memory_allocated() / 2**20}
