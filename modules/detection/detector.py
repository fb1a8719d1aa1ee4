"""What is found in images: regions scored, their boxes moved, and of those that overlap the best one kept."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from modules.detection.boxes import clipped, suppressed
from modules.detection.evaluation import Found
from modules.detection.layers import Seen
from modules.detection.regions import Regions
from modules.detection.regression import Regressor, fit_regressor
from modules.detection.scoring import Scorer, fit_scorer
from modules.settings import Detection

SUPPRESSION = 0.3
"""Overlap above which, of two boxes of a class, the one that scores lower goes."""


class Detector(NamedTuple):
    """What stands on the network's features; where there is no scorer, its softmax scores."""

    scorer: Scorer | None
    regressor: Regressor | None

    def found(self, regions: Regions, seen: Seen, side: int) -> Found:
        """Things in images of `side` pixels; whatever its score, every region counts until a better one overlaps it."""
        scores = self._scores(seen)
        parts = [
            self._of_class(regions, seen, scores[:, label], label, np.flatnonzero(regions.image == number), side)
            for number in np.unique(regions.image)
            for label in range(scores.shape[1])
        ]
        return Found(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _scores(self, seen: Seen) -> np.ndarray:
        """(R, K)."""
        if self.scorer is not None:
            return self.scorer.score(seen.features)
        return seen.logits.softmax(1)[:, :-1].nan_to_num().cpu().numpy()

    def _of_class(
        self, regions: Regions, seen: Seen, scores: np.ndarray, label: int, rows: np.ndarray, side: int
    ) -> Found:
        """Things of one class in the image that has these rows."""
        boxes = regions.boxes[rows]
        if self.regressor is not None:
            boxes = clipped(self.regressor.moved(boxes, seen.maps[rows], label), side)
        kept = suppressed(boxes, scores[rows], SUPPRESSION)
        return Found(regions.image[rows[kept]], boxes[kept], np.full(len(kept), label), scores[rows[kept]])


def fit_detector(settings: Detection, regions: Regions, seen: Seen, seed: int) -> Detector:
    """Fits what the settings ask for on the regions of training images."""
    scorer = fit_scorer(seen.features, regions, seed) if settings.classifier == "svm" else None
    return Detector(scorer, fit_regressor(seen.maps, regions) if settings.box_regression else None)
