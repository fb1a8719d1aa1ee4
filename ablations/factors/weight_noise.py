"""Noise on weights (Murray and Edwards 1994)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class WeightNoise(PartEdit):
    """Weight noise (Murray and Edwards 1994): gradients are computed at weights with Gaussian noise on them, which is
    taken back before the step."""

    factor = "weight_noise"
    source = "Murray and Edwards 1994, IEEE Trans. Neural Networks 5; Graves 2011, NeurIPS"
    expect = "Weights at which small errors matter less; used for recurrent networks (Graves 2011). Slows training."
    pitfall = "The noise must not stay in the weights: then it would be a random walk, not a remedy."
    cites = ("murray1994enhanced", "graves2011practical")
    part = "noise"
    sets_fields = {"sigma": "weights"}

    sigma: float = Field(0.1, ge=0)
    """Standard deviation, relative to the spread of each weight tensor. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(sigma=0.0)
