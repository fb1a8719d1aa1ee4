"""Boxes that stay as they were proposed, or move (Girshick et al. 2014)."""

from __future__ import annotations

from typing import Self

from ablations.parts import PartEdit


class RcnnRegression(PartEdit):
    """Bounding-box regression (Girshick et al. 2014): whether the boxes that R-CNN finds are moved to where their
    features say that the thing is.

    By ridge regression for each class, from what comes into the network's first linear layer.
    """

    factor = "rcnn_regression"
    source = "Girshick et al. 2014, CVPR"
    expect = (
        "On VOC07 mAP rose from 54.2 to 58.5 % with it, on VOC10 from 50.2 to 53.7, since most errors were boxes "
        "in the wrong place (Girshick et al. 2014)."
    )
    pitfall = (
        "It mends boxes that are near a thing already; where proposals hit their things exactly, nothing is left to "
        "mend. mAP at .5 hardly notices small shifts, mAP over .5 to .95 does."
    )
    cites = ("girshick2014rich",)
    part = "detection"
    sets_fields = {"kept": "box_regression"}

    kept: bool | None = False
    """Whether boxes are moved. None is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(kept=None)

    def told(self) -> dict[str, str]:
        return {} if self.off else {"boxes": "moved" if self.kept else "as proposed"}
