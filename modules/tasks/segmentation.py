"""One class for each pixel (Long et al. 2015)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from modules.batches import Batches
from modules.data.settings import Augmentation
from modules.data.splits import Part, Splits, StreamedPart
from modules.forward import pass_images
from modules.measures import EVALUATION_BATCH, average_logits
from modules.recipe import Recipe
from modules.settings import Precision


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
        precision = recipe.trainer.precision
        train, val, test = (confusion(networks, part, precision) for part in (splits.train, splits.val, splits.test))
        scores = {part: found.means()[1] for part, found in (("train", train), ("val", val), ("test", test))}
        return {
            "train_accuracy": scores["train"],
            "train_accuracy_clean": scores["train"],
            "val_accuracy": scores["val"],
            "test_accuracy": scores["test"],
            "gap": scores["train"] - scores["test"],
            "test_loss": test.means()[0],
            "test_mean_iou": scores["test"],
            "test_pixel_accuracy": test.pixel_accuracy,
        }

    def refuse_unfit(self, recipe: Recipe) -> None:
        data = recipe.data
        unfit = {
            "data.label_noise": bool(data.label_noise),
            "data.mixing": not data.mixing.off,
            "data.augmentation": data.augmentation != Augmentation(),
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
def confusion(networks: Sequence[nn.Module], part: Part | StreamedPart, precision: Precision) -> Confusion:
    """What networks make of images in eval mode, their probabilities averaged."""
    found = Confusion()
    for network in networks:
        network.eval()
    for images, labels in Batches(part, EVALUATION_BATCH):
        logits = average_logits([pass_images(network, images, precision).logits for network in networks])
        found.add(F.cross_entropy(logits, labels), logits, labels)
    return found
