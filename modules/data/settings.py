"""What a recipe says of its images: which, how many, and what is done to them. Plain data, nothing is loaded."""

from __future__ import annotations

import math

from pydantic import Field, field_validator, model_validator

from modules.catalog import DATASETS
from modules.names import unknown_name
from modules.values import Value


class Augmentation(Value):
    """Label-keeping changes of training images, drawn anew for every image of every batch."""

    shift: float = Field(0.0, ge=0, le=1)
    """Largest shift in each direction, as a share of the image's side."""
    rotate: float = Field(0.0, ge=0, le=180)
    """Largest rotation either way, in degrees."""
    scale: float = Field(0.0, ge=0, lt=1)
    """Largest relative change of size either way."""
    flip: float = Field(0.0, ge=0, le=1)
    """Probability of a horizontal flip."""

    @property
    def off(self) -> bool:
        return self == Augmentation()


class Data(Value):
    """Which images, how many of them are trained on, and what is done to them."""

    name: str = "digits"
    """One of the known data sets."""
    train_size: int | None = Field(None, ge=10)
    """Images trained on; all that validation and test leave over where not given."""
    val_share: float = Field(0.1, gt=0, lt=1)
    """Share of all images held out for choosing (checkpoints, settings)."""
    test_share: float = Field(0.45, gt=0, lt=1)
    """Share of all images held out for the final measurement, read once."""
    label_noise: float = Field(0.0, ge=0, le=1)
    """Probability that a training label is replaced by a uniform draw over all classes (Zhang et al. 2017)."""
    image_size: int = Field(32, ge=8, le=512)
    """Side of the square images in pixels; smaller or larger ones are resized."""
    augmentation: Augmentation = Augmentation()
    """What is done to training images."""

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        return name if name in DATASETS else unknown_name("data set", name, DATASETS)

    @model_validator(mode="after")
    def _enough_images(self) -> Data:
        left = self.pool_size
        if left < (self.train_size or 1):
            raise ValueError(
                f"train_size is {self.train_size}, but validation and test leave {max(left, 0)} of "
                f"{DATASETS[self.name].images} images of {self.name}; lower it, or val_share or test_share"
            )
        return self

    @property
    def val_size(self) -> int:
        return round(self.val_share * DATASETS[self.name].images)

    @property
    def pool_size(self) -> int:
        """Images that validation and test leave over for training."""
        images = DATASETS[self.name].images
        return images - self.val_size - math.ceil(self.test_share * images)
