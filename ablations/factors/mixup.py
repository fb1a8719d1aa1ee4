"""Mixup (Zhang et al. 2018)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class Mixup(PartEdit):
    """Mixup (Zhang et al. 2018): training images are mixed with others, and their labels in the same shares, which are
    drawn for every batch from a Beta(alpha, alpha) distribution."""

    factor = "mixup"
    source = "Zhang et al. 2018, ICLR"
    expect = (
        "On CIFAR-10 the test error of PreAct ResNet-18 fell from 5.6 to 4.2 %, on CIFAR-100 from 25.6 to 21.1 %; it "
        "also keeps networks from memorising wrong labels (Zhang et al. 2018)."
    )
    pitfall = (
        "Training loss and curves are those of mixed images: they stay high and compare with no other arm's. A large "
        "alpha underfits, and the gain needs long training and a network with room."
    )
    cites = ("zhang2018mixup",)
    part = "data.mixing"
    sets_fields = {"alpha": "mixup"}

    alpha: float = Field(0.2, ge=0)
    """Of the Beta distribution: near 0 images stay almost whole, at 1 every share is equally likely. 0 is the
    baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(alpha=0.0)
