import cv2
import numpy as np
import pytest
from pycocotools import mask

from modules.detection.boxes import clipped, overlaps, suppressed


def drawn(count, seed=0):
    corners = np.random.default_rng(seed).uniform(0, 50, (count, 2, 2))
    return np.concatenate([corners.min(1), corners.max(1) + 1], axis=1)


def with_sizes(boxes):
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def test_overlaps_are_those_of_pycocotools():
    one, other = drawn(30), drawn(20, seed=1)
    theirs = mask.iou(with_sizes(one), with_sizes(other), [0] * len(other))
    np.testing.assert_allclose(overlaps(one, other), theirs, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_suppressed_is_suppressed_by_opencv_too(seed):
    boxes = drawn(60, seed).round()
    scores = np.random.default_rng(seed).permutation(60) / 60 + 0.01
    theirs = cv2.dnn.NMSBoxes(with_sizes(boxes).astype(int).tolist(), scores.tolist(), 0.0, 0.3)
    assert suppressed(boxes, scores, 0.3).tolist() == list(theirs)


def test_two_boxes_that_overlap_by_just_as_much_both_stay():
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10]], dtype=float)
    assert overlaps(boxes, boxes)[0, 1] == 1 / 3
    assert len(suppressed(boxes, np.array([1.0, 0.5]), 1 / 3)) == 2
    assert suppressed(boxes, np.array([0.5, 1.0]), 0.33).tolist() == [1]


def test_nothing_is_left_of_nothing():
    assert suppressed(np.zeros((0, 4)), np.zeros(0), 0.3).tolist() == []


def test_boxes_are_cut_off_at_the_border_and_never_vanish():
    boxes = np.array([[-5, -5, 12, 3], [20, 2, 30, 4], [-9, -9, -8, -8]], dtype=float)
    assert clipped(boxes, 10).tolist() == [[0, 0, 10, 3], [9, 2, 10, 4], [0, 0, 1, 1]]
