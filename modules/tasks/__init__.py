"""What networks are trained for, as an explicit table of plain data."""

from __future__ import annotations

from typing import Literal, NamedTuple

TaskName = Literal["classification", "segmentation", "detection"]


class TaskCard(NamedTuple):
    """A task: what its score is called, who trains for it, and what is particular to it."""

    score: str
    """The name of the score in percent that train_accuracy, val_accuracy and test_accuracy hold."""
    curve: str
    """What learning curves show in percent: of a detector, its network's accuracy, on regions or on single digits."""
    train: str
    """`module:function`, called as `modules.training.train`."""
    task: str
    """`module:class` of a `modules.tasks.task.Task`: that of the network itself."""
    readers: tuple[str, ...] = ()
    """`module:function` of what reads images that are not those of the recipe."""


TASKS: dict[str, TaskCard] = {
    "classification": TaskCard(
        "accuracy", "accuracy", "modules.training:train_networks", "modules.tasks.classification:Classification"
    ),
    "segmentation": TaskCard(
        "mean IoU", "mean IoU", "modules.training:train_networks", "modules.tasks.segmentation:Segmentation"
    ),
    "detection": TaskCard(
        "mAP at .5",
        "accuracy of the network",
        "modules.detection.training:train",
        "modules.detection.task:Detection",
        readers=("modules.data.function:read",),
    ),
}
