"""Label smoothing (Szegedy et al. 2016)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class LabelSmoothing(PartEdit):
    """Label smoothing (Szegedy et al. 2016): a share of every label is spread over all classes, so that no network is
    ever sure."""

    factor = "label_smoothing"
    source = "Szegedy et al. 2016, CVPR; Müller et al. 2019, NeurIPS"
    expect = "A little better accuracy (0.2 points on ImageNet) and better calibration; helps under label noise."
    pitfall = (
        "torch spreads it over all K classes, the right one among them, so the least possible loss is not 0 "
        "and losses of arms do not compare. Networks trained so are poor teachers (Müller et al. 2019)."
    )
    cites = ("szegedy2016rethinking", "muller2019when")
    part = "loss"
    sets_fields = {"smoothing": "label_smoothing"}

    smoothing: float = Field(0.1, ge=0, lt=1)
    """Share of the label that is spread. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(smoothing=0.0)
