"""L1 penalty (Tibshirani 1996)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class L1(PartEdit):
    """L1 penalty (Tibshirani 1996): every weight is pulled towards 0 by the same amount, so that many become exactly 0.

    By a proximal step after each step of the optimizer. Biases and norm parameters are left out.
    """

    factor = "l1"
    source = "Tibshirani 1996, JRSS B; Daubechies et al. 2004, CPAM (the proximal step)"
    expect = (
        "Sparse weights: the share of exact zeros grows with the strength. In accuracy rarely better than "
        "weight decay of a fit strength."
    )
    pitfall = (
        "A subgradient in the loss never gives exact zeros, it oscillates around them; to claim sparsity "
        "takes a proximal step, as here."
    )
    cites = ("tibshirani1996regression", "daubechies2004iterative")
    part = "regularization"
    sets_fields = {"strength": "l1"}

    strength: float = Field(0.0005, ge=0)
    """Strength of the penalty; each step moves weights by the learning rate times this. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(strength=0.0)
