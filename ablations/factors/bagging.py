"""Bagging (Breiman 1996)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class Bagging(PartEdit):
    """Bagging (Breiman 1996): several networks, each trained on its own resample of the images with replacement, whose
    probabilities are averaged.

    A resample has as many images as the training set, of which 63.2 % are different ones. One run trains all
    members; its cost counts all of them, and the members' own scores are kept.
    """

    factor = "bagging"
    source = "Breiman 1996, Machine Learning 24"
    expect = (
        "Better than its members on average; not always better than one network trained on all images, since "
        "each member sees fewer of them."
    )
    pitfall = (
        "Networks are diverse already by their inits, so a deep ensemble, which throws no images away, is "
        "usually better."
    )
    cites = ("breiman1996bagging",)
    part = "ensemble"
    sets_fields = {"members": "members"}
    fixes = {"bootstrap": True}

    members: int = Field(5, ge=1, le=100)
    """How many networks. 1 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(members=1)
