"""CutMix (Yun et al. 2019)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class CutMix(PartEdit):
    """CutMix (Yun et al. 2019): a box of another image is pasted into every training image, and labels are mixed by the
    pixels that each has; the box's area is drawn for every batch from a Beta(alpha, alpha) distribution."""

    factor = "cutmix"
    source = "Yun et al. 2019, ICCV"
    expect = (
        "On ImageNet the top-1 error of ResNet-50 fell from 23.7 to 21.4 % (mixup 22.6, cutout 22.9), on CIFAR-100 "
        "that of PyramidNet-200 from 16.5 to 14.5 % (Yun et al. 2019)."
    )
    pitfall = (
        "Labels must go by the box that was really pasted, cut off at the border, not by the share that was drawn. A "
        "box of mere background still claims its share of the label; on few, small images that is label noise."
    )
    cites = ("yun2019cutmix",)
    part = "data.mixing"
    sets_fields = {"alpha": "cutmix"}

    alpha: float = Field(1.0, ge=0)
    """Of the Beta distribution: near 0 images stay almost whole or give way to the other, at 1 every area is equally
    likely. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(alpha=0.0)
