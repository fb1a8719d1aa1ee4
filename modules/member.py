"""One network trained: the one of a run, or a member of its ensemble."""

from __future__ import annotations

from functools import partial

import torch
from torch import nn

from modules.batches import Batches, even_batches
from modules.build import build
from modules.classifier import OnEpoch
from modules.data.facts import data_facts
from modules.data.splits import Splits
from modules.fitting import Trained, fit
from modules.losses import make_loss
from modules.measures import EVALUATION_BATCH
from modules.probe import Spreads, probe
from modules.recipe import Recipe
from modules.streams import Streams


def train_member(
    recipe: Recipe, seed: int, member: int, splits: Splits, device: str, on_epoch: OnEpoch | None = None
) -> Trained:
    """Trains one network under the streams of its seed and its place in the ensemble."""
    streams = Streams(seed, recipe.replicate, member)
    network = build(recipe, seed, member).to(device)
    chosen = _resampled(recipe, splits, streams)
    batches = Batches(splits.train, recipe.trainer.batch_size, streams.torch("order"), chosen)
    shown_again = even_batches(splits.train, EVALUATION_BATCH, chosen)
    look = partial(_probed, recipe, network, splits, streams)
    start = look()
    classes = data_facts(recipe.data).classes
    trained = fit(recipe, network, splits, batches, shown_again, classes, streams, on_epoch)
    return trained._replace(probe={"start": start, "end": look()} if recipe.trainer.probe else None)


def _probed(recipe: Recipe, network: nn.Module, splits: Splits, streams: Streams) -> Spreads:
    """What a probe of the first training images finds, without augmentation; nothing where none is asked for."""
    if not recipe.trainer.probe:
        return {}
    batch = next(iter(Batches(splits.train, recipe.trainer.batch_size)))
    return probe(network, batch, make_loss(recipe.loss), recipe.trainer.precision, streams.number("forward"))


def _resampled(recipe: Recipe, splits: Splits, streams: Streams) -> torch.Tensor | None:
    """Which images a member is trained on: all, or as many drawn with replacement (Breiman 1996)."""
    if not recipe.ensemble.bootstrap:
        return None
    return bootstrap(len(splits.true_labels), streams.torch("bootstrap"))


def bootstrap(count: int, generator: torch.Generator) -> torch.Tensor:
    """As many places as there are, drawn with replacement (Efron 1979)."""
    return torch.randint(count, (count,), generator=generator)
