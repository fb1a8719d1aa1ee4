"""Cutout (DeVries and Taylor 2017)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class Cutout(PartEdit):
    """Cutout (DeVries and Taylor 2017): a square at a random place of every training image is replaced by the mean
    pixel, anew each time. The square may stick out over the border."""

    factor = "cutout"
    source = "DeVries and Taylor 2017, arXiv:1708.04552"
    expect = (
        "On CIFAR-10 the test error of ResNet-18 fell from 10.6 to 9.3 % without other augmentation, and from 4.7 to "
        "4.0 % on top of crops and flips (DeVries and Taylor 2017)."
    )
    pitfall = (
        "The best size depends on the data (16 of 32 pixels on CIFAR-10, 8 on CIFAR-100): where the square can hide "
        "what tells two classes apart, the label is no longer true."
    )
    cites = ("devries2017cutout",)
    part = "data.augmentation"
    sets_fields = {"size": "cutout"}

    size: float = Field(0.5, ge=0, le=1)
    """Side of the square, as a share of the image's side. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(size=0.0)
