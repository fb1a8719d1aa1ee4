"""Boxes around things and their classes, found by a network that classifies regions (Girshick et al. 2014)."""

from __future__ import annotations

from modules.detection.digits import refuse_used_up
from modules.detection.evaluation import pycocotools
from modules.detection.selective_search import opencv
from modules.recipe import Recipe
from modules.tasks.classification import Classification


class Detection(Classification):
    """What a network does for detection is classification: of regions, one class of which is nothing."""

    output = "(N, classes + 1)"

    def refuse_unfit(self, recipe: Recipe) -> None:
        opencv(), pycocotools()  # so that a plan says what is missing, and not every run
        data, ensemble = recipe.data, recipe.ensemble
        unfit = {
            "data.label_noise": bool(data.label_noise),
            "data.mixing": not data.mixing.off,
            "data.stream": bool(data.stream),
            "noise.labels": bool(recipe.noise.labels),
            "trainer.probe": recipe.trainer.probe,
            "ensemble": ensemble.members > 1 or ensemble.bootstrap,
        }
        for key, is_on in unfit.items():
            if is_on:
                raise ValueError(f"{key} has no meaning for boxes, which {data.place} has: take it away")
        if recipe.detection.classifier == "softmax" and not recipe.detection.fine_tuning:
            raise ValueError(
                "detection.classifier is softmax, which only a fine-tuned network has: set detection.fine_tuning to "
                "true, or take svm"
            )
        refuse_used_up(data)
