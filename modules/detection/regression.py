"""Boxes moved to where their features say that the thing is (Girshick et al. 2014, appendix C)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import Ridge

from modules.detection.layers import scale_of
from modules.detection.regions import Regions

NEAR = 0.6
"""Overlap above which the way from a region to the thing can be learnt."""
PENALTY = 1000.0


class Regressor(NamedTuple):
    """A linear map from features to the way to the thing, one for each class."""

    weights: np.ndarray
    """(K, 4, D)."""
    bias: np.ndarray
    """(K, 4)."""

    def moved(self, boxes: np.ndarray, features: np.ndarray, label: int) -> np.ndarray:
        """The boxes (R, 4) as those of things of a class."""
        return arrived(boxes, features @ self.weights[label].T + self.bias[label])


def fit_regressor(features: np.ndarray, regions: Regions) -> Regressor:
    """Ridge regression on the proposals of each class that are near a thing; a class without any stays where it is."""
    classes, size, scale = regions.overlap.shape[1], features.shape[1], scale_of(features)
    weights, bias = np.zeros((classes, 4, size)), np.zeros((classes, 4))
    for label in range(classes):
        rows = np.flatnonzero((regions.overlap[:, label] > NEAR) & (regions.thing < 0))
        if len(rows):
            ways = way(regions.boxes[rows], regions.nearest[rows, label])
            ridge = Ridge(alpha=PENALTY).fit(scale * features[rows], ways)
            weights[label], bias[label] = scale * ridge.coef_, ridge.intercept_
    return Regressor(weights, bias)


def way(boxes: np.ndarray, things: np.ndarray) -> np.ndarray:
    """The way from boxes (R, 4) to those of things: of the centre by width and height, of the size by logarithms."""
    (centre, size), (aim, wanted) = _middle(boxes), _middle(things)
    return np.concatenate([(aim - centre) / size, np.log(wanted / size)], axis=1)


def arrived(boxes: np.ndarray, ways: np.ndarray) -> np.ndarray:
    """The boxes at the end of their way."""
    centre, size = _middle(boxes)
    aim, half = centre + size * ways[:, :2], size * np.exp(np.clip(ways[:, 2:], -4, 4)) / 2
    return np.concatenate([aim - half, aim + half], axis=1)


def _middle(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = boxes[:, 2:] - boxes[:, :2]
    return boxes[:, :2] + size / 2, size
