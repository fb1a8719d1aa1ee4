import numpy as np
import torch

from modules.detection.boxes import overlaps
from modules.detection.detector import Detector, fit_detector
from modules.detection.layers import Seen
from modules.detection.regions import make_regions
from modules.detection.regression import Regressor
from modules.settings import Detection

BOXES = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30]], dtype=np.float32)
REGIONS = make_regions([BOXES, BOXES[:1]], np.full((2, 1, 5), -1.0), classes=2)
LOGITS = torch.tensor([[2.0, 0, 0], [3, 0, 0], [0, 4, 0], [1, 1, 1]])
SEEN = Seen(np.ones((4, 3)), np.ones((4, 3)), LOGITS)
SOFTMAX = Detector(None, None)


def test_the_softmax_scores_every_class_but_nothing():
    found = SOFTMAX.found(REGIONS, SEEN, 32)
    best = found.scores.argmax()
    assert (found.image[best], found.labels[best]) == (0, 1)
    assert found.scores[best] == LOGITS.softmax(1)[2, 1]
    assert set(found.labels.tolist()) == {0, 1}


def test_of_boxes_of_a_class_that_overlap_the_best_is_left():
    found = SOFTMAX.found(REGIONS, SEEN, 32)
    for image in (0, 1):
        for label in (0, 1):
            boxes = found.boxes[(found.image == image) & (found.labels == label)]
            shared = overlaps(boxes, boxes)
            assert (shared[~np.eye(len(boxes), dtype=bool)] <= 0.3).all()
    assert BOXES[1].tolist() in found.boxes[found.labels == 0].tolist()
    assert BOXES[0].tolist() not in found.boxes[(found.labels == 0) & (found.image == 0)].tolist()


def test_moved_boxes_stay_within_the_image():
    away = Regressor(np.zeros((2, 4, 3)), np.full((2, 4), 2.0))
    found = Detector(None, away).found(REGIONS, SEEN, 32)
    assert (found.boxes >= 0).all() and (found.boxes <= 32).all()
    assert (found.boxes[:, 2:] > found.boxes[:, :2]).all()


def test_it_is_made_of_what_the_settings_ask_for():
    rng = np.random.default_rng(0)
    truth = np.array([[[0, 0, 10, 10, 0], [20, 20, 30, 30, 1]]], dtype=np.float32)
    regions = make_regions([BOXES], truth, classes=2, with_truth=True)
    seen = Seen(rng.random((5, 3)), rng.random((5, 3)), rng.random((5, 3)))
    for classifier, moved in (("svm", True), ("softmax", False)):
        made = fit_detector(Detection(classifier=classifier, box_regression=moved), regions, seen, 0)
        assert (made.scorer is None) == (classifier == "softmax")
        assert (made.regressor is None) == (not moved)
