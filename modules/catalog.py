"""What there is, as explicit tables: models and data sets, with the numbers of their reference forms.

The tables are plain data, so that listing them loads no torch. Tests build every model and load every data set here
and compare: a number that is not true fails.
"""

from __future__ import annotations

from typing import NamedTuple

from modules.zoo.cards import MODELS as MODELS
from modules.zoo.cards import ModelCard as ModelCard


class DataCard(NamedTuple):
    """A data set; the checksum is that of its images and labels, and is verified whenever it is loaded."""

    loader: str
    """`module:function`, returns (images, labels)."""
    source: str
    checksum: str
    images: int
    classes: int
    channels: int
    counts: tuple[int, ...]
    """Images of each class."""


DATASETS: dict[str, DataCard] = {
    "digits": DataCard(
        "modules.data.digits:load",
        "UCI handwritten digits (Alpaydin and Kaynak 1998), in scikit-learn",
        "8b3b6ae90863430b",
        1797,
        10,
        1,
        (178, 182, 177, 183, 181, 182, 181, 179, 174, 180),
    ),
}
