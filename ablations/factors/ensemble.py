"""Deep ensembles (Lakshminarayanan et al. 2017)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class DeepEnsemble(PartEdit):
    """Deep ensemble (Lakshminarayanan et al. 2017): several networks of other inits, all trained on all images, whose
    probabilities are averaged.

    One run trains all members; its cost counts all of them, and the members' own scores are kept.
    """

    factor = "ensemble"
    source = "Lakshminarayanan et al. 2017, NeurIPS; Hansen and Salamon 1990, IEEE PAMI 12"
    expect = (
        "In likelihood never worse than its members on average (Jensen), in accuracy nearly always better, and usually "
        "better than bagging."
    )
    pitfall = (
        "It costs as many trainings as it has members: a larger network for the same money is the fair rival. "
        "Average probabilities, not logits."
    )
    cites = ("lakshminarayanan2017simple", "hansen1990neural")
    part = "ensemble"
    sets_fields = {"members": "members"}
    fixes = {"bootstrap": False}

    members: int = Field(5, ge=1, le=100)
    """How many networks. 1 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(members=1)
