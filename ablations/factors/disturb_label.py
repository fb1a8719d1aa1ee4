"""Labels redrawn in every step (Xie et al. 2016)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class DisturbLabel(PartEdit):
    """DisturbLabel (Xie et al. 2016): in every step each label is replaced with a small probability by a uniform draw
    over all classes."""

    factor = "disturb_label"
    source = "Xie et al. 2016, CVPR (DisturbLabel)"
    expect = (
        "Acts like an ensemble over noisy data sets; helps on clean data that are memorised, less where "
        "labels are noisy already."
    )
    pitfall = (
        "It is not label noise: the draws change in every step, so that nothing wrong can be memorised. About "
        "p (K - 1) / K of the labels really change."
    )
    cites = ("xie2016disturblabel",)
    part = "noise"
    sets_fields = {"p": "labels"}

    p: float = Field(0.1, ge=0, le=1)
    """Probability that a label is redrawn. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(p=0.0)
