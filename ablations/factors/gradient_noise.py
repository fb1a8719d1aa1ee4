"""Noise on gradients (Neelakantan et al. 2015)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class GradientNoise(PartEdit):
    """Gradient noise (Neelakantan et al. 2015): Gaussian noise on every gradient, whose variance falls as eta / (1 +
    t)^0.55 with the steps."""

    factor = "gradient_noise"
    source = "Neelakantan et al. 2015, Adding gradient noise improves learning for very deep networks"
    expect = (
        "Very deep, badly initialised networks train where they did not; shallow ones that train well gain nothing."
    )
    pitfall = (
        "The noise has the same size for every parameter whatever its gradient: eta = 1 drowns the gradients "
        "of a small network."
    )
    cites = ("neelakantan2015adding",)
    part = "noise"
    sets_fields = {"eta": "gradients"}

    eta: float = Field(0.01, ge=0)
    """Variance at the first step; 0.01, 0.3 and 1 in the paper. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(eta=0.0)
