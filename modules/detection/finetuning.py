"""Training the network on regions of the images in which things are to be found."""

from __future__ import annotations

from torch import nn

from modules.classifier import OnEpoch
from modules.data.splits import Splits
from modules.detection.regions import Regions, Warper
from modules.detection.sampling import RegionBatches
from modules.fitting import Trained, fit
from modules.recipe import Recipe
from modules.streams import Streams


def fine_tune(
    recipe: Recipe, network: nn.Module, warper: Warper, regions: Regions, splits: Splits, streams: Streams,
    on_epoch: OnEpoch | None,
) -> Trained:  # fmt: skip
    """Trains a network on regions drawn from the training images, by the recipe's steps; `splits.val` are the regions
    that it is validated on."""
    count = recipe.detection.draws * len(warper.centred)
    batches, shown_again = (
        RegionBatches(warper, regions, recipe.trainer.batch_size, count, streams.torch("order")) for _ in range(2)
    )
    return fit(recipe, network, splits, batches, shown_again, regions.overlap.shape[1] + 1, streams, on_epoch)
