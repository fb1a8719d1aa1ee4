"""What runs leave that a claim may be about, as plain data: what it is called, and how two of it are compared."""

from __future__ import annotations

import re
from typing import NamedTuple

POINTS = "points"
"""The unit of a difference of two percentages."""
UNSTEADINESS = "unsteadiness"
"""The mean absolute change of the validation score (of a detector, of its network's accuracy) from epoch to epoch over
the second half of training."""
SCORE = "{score}"
"""Stands for the name of the task's score, such as accuracy."""


class Measure(NamedTuple):
    """One number of every run."""

    words: str
    unit: str = POINTS
    """Of a difference."""
    digits: int = 1
    ratio: bool = False
    """Whether two of it are compared by how many times one is the other."""
    exact: bool = False
    """Whether all runs of an arm have the same, so that there is nothing to test."""

    def named(self, score: str) -> str:
        """What it is called where the score has that name."""
        return self.words.replace(SCORE, score)


MEASURES = {
    "test_accuracy": Measure(f"test {SCORE}"),
    "train_accuracy": Measure(f"training {SCORE}"),
    "train_accuracy_clean": Measure(f"training {SCORE} by the true labels"),
    "val_accuracy": Measure(f"validation {SCORE}"),
    "gap": Measure("gap"),
    "test_loss": Measure("test loss", unit="", digits=3),
    "test_calibration_error": Measure("calibration error"),
    "epochs": Measure("number of epochs", unit="epochs"),
    "checkpoint_epoch": Measure("epoch whose weights are measured", unit="epochs"),
    "seconds": Measure("training time", ratio=True),
    "parameters": Measure("number of parameters", ratio=True, exact=True),
    "macs": Measure("number of multiplications", ratio=True, exact=True),
    "peak_memory_mb": Measure("memory", ratio=True),
    UNSTEADINESS: Measure("unsteadiness"),
    "test_mean_iou": Measure("mean IoU"),
    "test_pixel_accuracy": Measure("pixel accuracy"),
    "test_map_50": Measure("mAP at .5"),
    "test_map_50_95": Measure("mAP over .5 to .95"),
    "boundary_quality": Measure("quality at the boundary"),
    "checkerboard": Measure("strength of the checkerboard", unit="", digits=3),
    "proposal_recall": Measure("recall of the proposals"),
}
"""By name in a record, but for unsteadiness, which follows from the curves."""

MEMBERS = {"test_accuracy": "test_accuracy", "test_loss": "test_loss"}
MEMBER = re.compile(rf"member_(\d+)_({'|'.join(MEMBERS)})")
"""The measures of a member of an ensemble."""


def find_measure(name: str) -> Measure | None:
    """What is known of a measure; None where there is none of that name."""
    if found := MEMBER.fullmatch(name):
        own = MEASURES[found[2]]
        return own._replace(words=f"{own.words} of member {found[1]}")
    return MEASURES.get(name)
