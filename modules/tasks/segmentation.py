"""One class for each pixel (Long et al. 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from modules.batches import Batches
from modules.data.facts import data_facts
from modules.data.splits import Part, Splits, StreamedPart
from modules.forward import pass_images
from modules.losses import cross_entropy
from modules.measures import EVALUATION_BATCH, average_logits
from modules.recipe import Recipe
from modules.settings import Precision
from modules.tasks.boundaries import Boundaries
from modules.tasks.checkerboard import IMAGES, Predict, checkerboard
from modules.tasks.pictures import MOST, mask_pictures


class Segmentation:
    """Logits (N, K, S, S), labels (N, S, S); the score is the mean over classes of intersection over union, the
    background among them."""

    output = "(N, classes, S, S)"

    def output_shape(self, images: torch.Size, classes: int) -> tuple[int, ...]:
        return images[0], classes, *images[2:]

    def label_shape(self, images: torch.Size) -> tuple[int, ...]:
        return images[0], *images[2:]

    def tally(self) -> Confusion:
        return Confusion()

    def measure(self, networks: Sequence[nn.Module], splits: Splits, recipe: Recipe) -> dict[str, float]:
        predict = partial(_predict, networks, recipe.trainer.precision)
        train, val, test, boundaries = Confusion(), Confusion(), Confusion(), Boundaries()
        count(predict, splits.train, train)
        count(predict, splits.val, val)
        count(predict, splits.test, test, boundaries)
        scores = {part: found.means()[1] for part, found in (("train", train), ("val", val), ("test", test))}
        pattern = checkerboard(predict, next(iter(Batches(splits.test, IMAGES))).images)
        return {
            "train_accuracy": scores["train"],
            "train_accuracy_clean": scores["train"],
            "val_accuracy": scores["val"],
            "test_accuracy": scores["test"],
            "gap": scores["train"] - scores["test"],
            "test_loss": test.means()[0],
            "test_mean_iou": scores["test"],
            "test_pixel_accuracy": test.pixel_accuracy,
            "boundary_quality": boundaries.quality,
        } | ({} if pattern is None else {"checkerboard": pattern})

    def pictures(self, networks: Sequence[nn.Module], splits: Splits, recipe: Recipe) -> tuple[dict[str, Any], ...]:
        images, labels = next(iter(Batches(splits.test, MOST)))
        with torch.no_grad():
            found = _predict(networks, recipe.trainer.precision, images).argmax(1)
        return mask_pictures(splits.normal.undone(images), labels, found, data_facts(recipe.data).class_names)

    def refuse_unfit(self, recipe: Recipe) -> None:
        data, augmentation = recipe.data, recipe.data.augmentation
        unfit = {
            "data.label_noise": bool(data.label_noise),
            "data.mixing": not data.mixing.off,
            "data.augmentation.cutout": bool(augmentation.cutout),
            "data.augmentation.randaugment": not augmentation.randaugment.off,
            "noise.labels": bool(recipe.noise.labels),
        }
        for key, is_on in unfit.items():
            if is_on:
                raise ValueError(
                    f"{key} is for images of one class; {data.name} has a class for every pixel: take it away"
                )


class Confusion:
    """How many pixels of each class (rows) were taken for each (columns), and the loss."""

    def __init__(self) -> None:
        self.count = 0
        self.loss: torch.Tensor | float = 0.0
        self.pixels: torch.Tensor | None = None

    def add(self, loss: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> None:
        classes = logits.shape[1]
        pairs = (labels * classes + logits.argmax(1)).flatten()
        found = torch.bincount(pairs, minlength=classes * classes).view(classes, classes)
        self.pixels = found if self.pixels is None else self.pixels + found
        self.count += len(labels)
        self.loss = self.loss + loss * len(labels)

    def means(self) -> tuple[float, float]:
        return float(self.loss) / self.count, 100 * mean_iou(self._counted)

    @property
    def pixel_accuracy(self) -> float:
        """Percent of the pixels that are right."""
        return 100 * float(self._counted.diagonal().sum() / self._counted.sum())

    @property
    def _counted(self) -> torch.Tensor:
        assert self.pixels is not None
        return self.pixels.double().cpu()


def mean_iou(confusion: torch.Tensor) -> float:
    """The mean of intersection over union, 0 to 1, over the classes that are there or are found, from how often each
    class (rows) was taken for each (columns) (Everingham et al. 2010)."""
    hits = confusion.diagonal()
    union = confusion.sum(0) + confusion.sum(1) - hits
    return float((hits / union)[union > 0].mean())


@torch.no_grad()
def count(predict: Predict, part: Part | StreamedPart, *tallies: Confusion | Boundaries) -> None:
    """Counts what is made of the images of a part."""
    for images, labels in Batches(part, EVALUATION_BATCH):
        logits = predict(images)
        loss = cross_entropy(logits, labels)
        for tally in tallies:
            tally.add(loss, logits, labels)


def _predict(networks: Sequence[nn.Module], precision: Precision, images: torch.Tensor) -> torch.Tensor:
    """Logits in eval mode, of several networks those of their averaged probabilities."""
    for network in networks:
        network.eval()
    return average_logits([pass_images(network, images, precision).logits for network in networks])
