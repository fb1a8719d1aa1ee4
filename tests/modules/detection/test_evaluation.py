import sys

import numpy as np
import pytest

from modules.detection.evaluation import Found, mean_average_precision

TRUTH = np.array([[[0, 0, 10, 10, 0], [20, 20, 30, 30, 1]], [[5, 5, 15, 15, 0], [-1] * 5]], dtype=np.float32)


def found(*rows):
    table = np.array(rows, dtype=float).reshape(-1, 7)
    return Found(table[:, 0].astype(int), table[:, 1:5], table[:, 5].astype(int), table[:, 6])


PERFECT = ([0, 0, 0, 10, 10, 0, 0.9], [0, 20, 20, 30, 30, 1, 0.2], [1, 5, 5, 15, 15, 0, 0.8])


def test_all_that_is_there_and_nothing_else_is_a_hundred_percent():
    assert mean_average_precision(found(*PERFECT), TRUTH) == pytest.approx((100, 100))


def test_nothing_found_is_nothing():
    assert mean_average_precision(found(), TRUTH) == (0, 0)


def test_one_of_two_things_is_half_of_the_recall():
    precision = mean_average_precision(found(*PERFECT[:2]), TRUTH)
    assert precision.at_50 == pytest.approx((51 / 101 + 1) / 2 * 100)  # by 101 levels of recall


def test_what_is_wrong_and_scores_higher_costs_precision():
    precision = mean_average_precision(found(*PERFECT, [1, 20, 20, 30, 30, 1, 0.5]), TRUTH)
    assert precision.at_50 == pytest.approx((100 + 50) / 2)


def test_a_second_box_on_a_thing_is_wrong():
    precision = mean_average_precision(found(*PERFECT, [0, 0, 0, 10, 9, 0, 0.85]), TRUTH)
    assert precision.at_50 < 100


def test_shifted_boxes_count_at_half_and_not_above():
    precision = mean_average_precision(found(*([*row[:3], row[3], row[4] - 4, *row[5:]] for row in PERFECT)), TRUTH)
    assert precision.at_50 == 100
    assert precision.at_50_to_95 == pytest.approx(30)  # an overlap of .6: at .5, .55 and .6


def test_classes_without_a_thing_do_not_count():
    assert mean_average_precision(found(*PERFECT, [0, 0, 0, 5, 5, 2, 1.0]), TRUTH) == pytest.approx((100, 100))


def test_where_there_is_nothing_to_find_there_is_no_precision():
    precision = mean_average_precision(found(*PERFECT), np.full((2, 1, 5), -1.0))
    assert np.isnan(precision).all()


def test_boxes_count_however_many_an_image_has():
    many = [[0, 1, 1, 2, 2, 0, 1 - number / 1000] for number in range(150)]
    last = [0, 0, 0, 10, 10, 0, 0.1]
    truth = np.array([[[0, 0, 10, 10, 0]]], dtype=np.float32)
    assert mean_average_precision(found(*many, last), truth).at_50 == pytest.approx(100 / 151)


def test_it_prints_nothing(capsys):
    mean_average_precision(found(*PERFECT), TRUTH)
    assert capsys.readouterr().out == ""


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools.coco", None)
    with pytest.raises(ValueError, match=r"mAP needs pycocotools; pip install 'ablations\[detection\]' brings it"):
        mean_average_precision(found(*PERFECT), TRUTH)
