"""How much around a region R-CNN sees (Girshick et al. 2014)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class RcnnContext(PartEdit):
    """Context around regions (Girshick et al. 2014): how many pixels around a region are warped with it."""

    factor = "rcnn_context"
    source = "Girshick et al. 2014, CVPR, appendix A"
    expect = "On VOC07 mAP was 3 to 5 points higher with 16 pixels than without (Girshick et al. 2014)."
    pitfall = (
        "The pixels are those of the warped region, 227 a side, not of the image; so a large thing gets more around it "
        "than a small one."
    )
    cites = ("girshick2014rich",)
    part = "detection"
    sets_fields = {"pixels": "context"}

    pixels: int | None = Field(0, ge=0, le=113)
    """How many, of 227. None is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(pixels=None)
