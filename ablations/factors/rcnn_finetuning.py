"""Whether R-CNN's network is trained on regions (Girshick et al. 2014)."""

from __future__ import annotations

from typing import Self

from ablations.parts import PartEdit


class RcnnFinetuning(PartEdit):
    """Fine-tuning (Girshick et al. 2014): whether the network, once trained on single images, is trained on regions of
    the images in which things are to be found.

    Without it, SVMs and boxes rest on the features that it learnt from single digits.
    """

    factor = "rcnn_finetuning"
    source = "Girshick et al. 2014, CVPR"
    expect = "On VOC07 mAP rose from 44.7 to 54.2 % by it, on the last layer's features (Girshick et al. 2014)."
    pitfall = (
        "What was learnt first matters: ImageNet as published, here digits on an empty ground, from which the step to "
        "regions is larger. The softmax needs fine-tuning, so the two cannot be left out together."
    )
    cites = ("girshick2014rich",)
    part = "detection"
    sets_fields = {"kept": "fine_tuning"}

    kept: bool | None = False
    """Whether it is trained on regions. None is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(kept=None)

    def told(self) -> dict[str, str]:
        return {} if self.off else {"network": "fine-tuned" if self.kept else "as pre-trained"}
