"""Max-norm constraint (Srebro and Shraibman 2005)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class MaxNorm(PartEdit):
    """Max-norm (Srebro and Shraibman 2005): the weights that come into a unit are scaled down where their norm grows
    too large.

    After every step, for every output of a linear layer and every output channel of a convolution.
    """

    factor = "max_norm"
    source = "Srebro and Shraibman 2005, COLT; Srivastava et al. 2014, JMLR 15"
    expect = (
        "Srivastava et al. found it useful together with dropout and a high learning rate (norms of 3 to 4); "
        "alone, at a small rate, it often changes nothing."
    )
    pitfall = (
        "A limit that no unit reaches is a switch that is not connected: compare it with the norms that the "
        "baseline ends with."
    )
    cites = ("srebro2005rank", "srivastava2014dropout")
    part = "regularization"
    sets_fields = {"norm": "max_norm"}

    norm: float | None = Field(1.0, gt=0)
    """Largest Euclidean norm of the weights into one unit. None is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(norm=None)
