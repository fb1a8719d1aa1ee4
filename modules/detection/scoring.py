"""How likely each region shows a thing of each class: linear SVMs on features (Girshick et al. 2014)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sklearn.svm import LinearSVC

from modules.detection.layers import scale_of
from modules.detection.regions import Regions

NEGATIVE = 0.3
"""Overlap with things of a class below which a region counts as none of them; those between are left out."""
C = 0.01
"""0.001 as published, for a hundred times as many examples."""
POSITIVE_WEIGHT = 2
BIAS = 10
EASY = 1000
"""Negatives that the first fit sees, at least; all that it gets wrong or hardly right join the second."""


class Scorer(NamedTuple):
    """Linear SVMs, one for each class."""

    weights: np.ndarray
    """(K, D)."""
    bias: np.ndarray
    """(K,)."""

    def score(self, features: np.ndarray) -> np.ndarray:
        """(R, K), of which 0 is the boundary."""
        return features @ self.weights.T + self.bias


def fit_scorer(features: np.ndarray, regions: Regions, seed: int) -> Scorer:
    """Fits an SVM for each class: the boxes of its things against regions that hardly overlap one."""
    scale = scale_of(features)
    fitted = [_fit(scale * features, *_examples(regions, label), seed) for label in range(regions.overlap.shape[1])]
    weights, bias = zip(*fitted, strict=True)
    return Scorer(scale * np.stack(weights), np.array(bias))


def _examples(regions: Regions, label: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows that show the class and those that do not."""
    return np.flatnonzero(regions.thing == label), np.flatnonzero(regions.overlap[:, label] < NEGATIVE)


def _fit(features: np.ndarray, positives: np.ndarray, negatives: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
    """One pass of hard negative mining: what a first fit on some negatives finds within its margin joins them."""
    some = negatives[:: max(1, len(negatives) // EASY)]
    svm = _svm(features, positives, some, seed)
    hard = negatives[svm.decision_function(features[negatives]) > -1]
    if len(joined := np.union1d(some, hard)) > len(some):
        svm = _svm(features, positives, joined, seed)
    return svm.coef_[0], float(svm.intercept_[0])


def _svm(features: np.ndarray, positives: np.ndarray, negatives: np.ndarray, seed: int) -> LinearSVC:
    rows = np.concatenate([positives, negatives])
    shows = np.arange(len(rows)) < len(positives)
    svm = LinearSVC(
        C=C, loss="hinge", dual=True, class_weight={True: POSITIVE_WEIGHT, False: 1}, intercept_scaling=BIAS,
        random_state=seed, max_iter=100_000,
    )  # fmt: skip
    return svm.fit(features[rows], shows)
