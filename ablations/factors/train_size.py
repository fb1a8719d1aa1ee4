"""More training images, or fewer."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class TrainSize(PartEdit):
    """Training set size (Banko and Brill 2001): how many images are trained on.

    Smaller training sets are parts of larger ones, and validation and test images stay. Epochs stay, too, so more
    images are more steps.
    """

    factor = "train_size"
    source = "Banko and Brill 2001, ACL; Hestness et al. 2017, Deep learning scaling is predictable"
    expect = "The most reliable remedy: error falls as a power of the number of images, and the gap shrinks steadily."
    pitfall = "With the number of epochs fixed, more images also mean more steps; part of the gain is longer training."
    cites = ("banko2001scaling", "hestness2017deep")
    part = "data"
    sets_fields = {"images": "train_size"}

    images: int | None = Field(400, ge=10)
    """How many images. None is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(images=None)
