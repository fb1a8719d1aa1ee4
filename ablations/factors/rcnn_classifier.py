"""What scores the regions of R-CNN (Girshick et al. 2014)."""

from __future__ import annotations

from typing import Literal, Self

from ablations.parts import PartEdit


class RcnnClassifier(PartEdit):
    """Classifier of regions (Girshick et al. 2014): linear SVMs on the network's features, or its own softmax.

    An SVM learns from the boxes of things and from what hardly overlaps one; the softmax learnt from all that overlaps
    a thing by half or more.
    """

    factor = "rcnn_classifier"
    source = "Girshick et al. 2014, CVPR, appendix B"
    expect = "On VOC07 mAP fell from 54.2 to 50.9 % with the softmax (Girshick et al. 2014)."
    pitfall = (
        "The two differ in their examples as well: in fine-tuning, boxes beside a thing count as the thing, and "
        "negatives are drawn at random and not mined."
    )
    cites = ("girshick2014rich",)
    part = "detection"
    sets_fields = {"name": "classifier"}

    name: Literal["svm", "softmax"] | None = "softmax"
    """Which one. None is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(name=None)
