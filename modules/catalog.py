"""What there is, as explicit tables: models and data sets, with the numbers of their reference forms.

The tables are plain data, so that listing them loads no torch. Tests build every model and load every data set here
and compare: a number that is not true fails.
"""

from __future__ import annotations

from typing import NamedTuple


class ModelCard(NamedTuple):
    """A model of the zoo; the counts are those of its reference form."""

    builder: str
    """`module:function`, called with classes, channels and image_size."""
    source: str
    parameters: int
    macs: int
    """Multiply-accumulates of convolutions and linear layers for one image."""
    classes: int
    channels: int
    image_size: int


class DataCard(NamedTuple):
    """A data set; the checksum is that of its images and labels, and is verified whenever it is loaded."""

    loader: str
    """`module:function`, returns (images, labels)."""
    source: str
    checksum: str
    images: int
    classes: int
    channels: int


_RESNET = "He et al. 2016, Deep residual learning, section 4.2"
_CIFAR = "modules.zoo.cifar_resnet:"

MODELS: dict[str, ModelCard] = {
    "lenet5": ModelCard(
        "modules.zoo.lenet:lenet5", "LeCun et al. 1998, Gradient-based learning", 61_706, 416_520, 10, 1, 32
    ),
    "cifar_resnet20": ModelCard(_CIFAR + "cifar_resnet20", _RESNET, 269_722, 40_551_040, 10, 3, 32),
    "cifar_resnet32": ModelCard(_CIFAR + "cifar_resnet32", _RESNET, 464_154, 68_862_592, 10, 3, 32),
    "cifar_resnet44": ModelCard(_CIFAR + "cifar_resnet44", _RESNET, 658_586, 97_174_144, 10, 3, 32),
    "cifar_resnet56": ModelCard(_CIFAR + "cifar_resnet56", _RESNET, 853_018, 125_485_696, 10, 3, 32),
    "cifar_resnet110": ModelCard(_CIFAR + "cifar_resnet110", _RESNET, 1_727_962, 252_887_680, 10, 3, 32),
}

DATASETS: dict[str, DataCard] = {
    "digits": DataCard(
        "modules.data.digits:load",
        "UCI handwritten digits (Alpaydin and Kaynak 1998), in scikit-learn",
        "8b3b6ae90863430b",
        1797,
        10,
        1,
    ),
}
