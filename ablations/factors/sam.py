"""Sharpness-aware minimisation (Foret et al. 2021)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class Sam(PartEdit):
    """Sharpness-aware minimisation (Foret et al. 2021): each step goes by the gradient at the worst point nearby.

    Two passes a step. The second draws the same dropout masks as the first and leaves running statistics alone.
    """

    factor = "sam"
    source = "Foret et al. 2021, ICLR"
    expect = "Better test accuracy on CIFAR and ImageNet and clearly more robust to label noise, for twice the time."
    pitfall = (
        "It costs two passes: compare it with a baseline of twice the epochs, too. Batch-norm statistics must "
        "come from the first pass only."
    )
    cites = ("foret2021sharpness",)
    part = "regularization"
    sets_fields = {"rho": "sam"}

    rho: float = Field(0.05, ge=0)
    """How far away the worst point is looked for, as a norm over all weights. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(rho=0.0)
