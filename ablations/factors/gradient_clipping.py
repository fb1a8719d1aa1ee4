"""Gradient clipping (Pascanu et al. 2013)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class GradientClipping(PartEdit):
    """Gradient clipping (Pascanu et al. 2013): a gradient that is too long is shortened before the step; its direction
    stays."""

    factor = "gradient_clipping"
    source = "Pascanu et al. 2013, ICML"
    expect = (
        "Training that would have diverged at a high learning rate goes on. Where gradients are small anyway, "
        "nothing changes."
    )
    pitfall = (
        "The norm is that of all parameters together, before the optimizer rescales it; under Adam it acts "
        "very differently from under SGD."
    )
    cites = ("pascanu2013difficulty",)
    part = "regularization"
    sets_fields = {"norm": "clip_norm"}

    norm: float | None = Field(1.0, gt=0)
    """Largest Euclidean norm of the whole gradient. None is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(norm=None)
