"""Input standardisation (LeCun et al. 1998)."""

from __future__ import annotations

from typing import Any, Self

from ablations.parts import PartEdit


class Standardization(PartEdit):
    """Input standardisation (LeCun et al. 1998): each channel gets mean 0 and spread 1.

    By the mean and spread of the training images alone. Off, pixels stay as they are, 0 to 1.
    """

    factor = "standardization"
    source = "LeCun et al. 1998, Efficient BackProp"
    expect = "Faster training at any given learning rate; the gap need not change."
    pitfall = (
        "Mean and spread must come from training images only. A learning rate fit for one scale of inputs is "
        "not fit for the other."
    )
    cites = ("lecun1998efficient",)
    part = "data"
    sets_fields = {"standardize": "standardize"}

    standardize: bool | None = True
    """Whether images are standardised. None is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(standardize=None)

    def told(self) -> dict[str, Any]:
        return {} if self.off else {"images": "standardised" if self.standardize else "raw pixels"}
