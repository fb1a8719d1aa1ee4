"""What is measured of a trained network."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from modules.batches import Batches
from modules.data.splits import Part, Splits, StreamedPart
from modules.forward import pass_images
from modules.settings import Precision

EVALUATION_BATCH = 512
PARTS = ("train", "val", "test")


@torch.no_grad()
def predict(network: nn.Module, part: Part | StreamedPart, precision: Precision = "float32") -> torch.Tensor:
    """Logits (N, K) in eval mode."""
    network.eval()
    return torch.cat([pass_images(network, images, precision).logits for images, _ in Batches(part, EVALUATION_BATCH)])


def accuracy(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """Percent of `labels` (N,) that have the largest of the `logits` (N, K)."""
    return 100 * float((logits.argmax(1) == labels).double().mean())


def accuracy_gap(train_accuracy: float, test_accuracy: float, label_noise: float, classes: int) -> float:
    """Training accuracy less the test accuracy expected under the same label noise, in points.

    Training labels carry the noise and test labels do not; a test set as noisy would be answered right with
    probability (1 - p) accuracy + p / K.
    """
    expected = (1 - label_noise) * test_accuracy + label_noise * 100 / classes
    return train_accuracy - expected


def average_logits(members: Sequence[torch.Tensor]) -> torch.Tensor:
    """Logits (N, K) whose softmax is the mean of the members' probabilities (Lakshminarayanan et al. 2017)."""
    if len(members) == 1:
        return members[0]
    return torch.stack([logits.log_softmax(1) for logits in members]).logsumexp(0) - math.log(len(members))


def measure(
    networks: Sequence[nn.Module], splits: Splits, label_noise: float, precision: Precision = "float32"
) -> dict[str, float]:
    """The final scalars of a run, in percent but for the losses; the one place where test images are read.

    Of several networks the averaged probabilities are measured, and each member's own accuracy and loss on test
    images are kept as `member_1_test_accuracy` and so on.
    """
    from torchmetrics.functional.classification import multiclass_calibration_error  # heavy, and plans do without it

    predicted = {part: [predict(network, getattr(splits, part), precision) for network in networks] for part in PARTS}
    train, val, test = (average_logits(members) for members in predicted.values())
    classes, labels = test.shape[1], splits.test.labels
    train_accuracy, test_accuracy = accuracy(train, splits.train.labels), accuracy(test, labels)
    return {
        "train_accuracy": train_accuracy,
        "train_accuracy_clean": accuracy(train, splits.true_labels),
        "val_accuracy": accuracy(val, splits.val.labels),
        "test_accuracy": test_accuracy,
        "gap": accuracy_gap(train_accuracy, test_accuracy, label_noise, classes),
        "test_loss": float(F.cross_entropy(test, labels)),
        "test_calibration_error": 100 * float(multiclass_calibration_error(test.softmax(1), labels, classes)),
        **(_of_members(predicted["test"], labels) if len(networks) > 1 else {}),
    }


def _of_members(members: Sequence[torch.Tensor], labels: torch.Tensor) -> dict[str, float]:
    scores: dict[str, float] = {}
    for number, logits in enumerate(members, start=1):
        scores[f"member_{number}_test_accuracy"] = accuracy(logits, labels)
        scores[f"member_{number}_test_loss"] = float(F.cross_entropy(logits, labels))
    return scores
