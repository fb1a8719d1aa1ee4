import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.detection.boxes import overlaps
from modules.detection.regions import make_regions
from modules.detection.regression import arrived, fit_regressor, way

BOX = st.tuples(*[st.floats(0, 50)] * 2, *[st.floats(1, 50)] * 2).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))


@given(BOX, BOX)
def test_the_end_of_the_way_is_the_thing(box, thing):
    start, aim = np.array([box]), np.array([thing])
    np.testing.assert_allclose(arrived(start, way(start, aim)), aim, atol=1e-6)


def test_the_way_is_that_of_the_paper():
    ways = way(np.array([[0.0, 0, 10, 20]]), np.array([[5.0, 10, 25, 20]]))
    assert ways[0].tolist() == pytest.approx([1.0, 0.25, np.log(2), np.log(0.5)])


def test_boxes_move_towards_their_things():
    rng = np.random.default_rng(0)
    things = np.array([[20, 20, 40, 40, 0]], dtype=np.float32)
    boxes = (things[:, :4] + rng.uniform(-3, 3, (2000, 4))).astype(np.float32)
    regions = make_regions([boxes], things[None], classes=2)
    features = 30 * way(boxes, np.repeat(things[:, :4], len(boxes), axis=0))
    moved = fit_regressor(features, regions).moved(boxes, features, 0)
    assert overlaps(moved, things[:, :4]).mean() > overlaps(boxes, things[:, :4]).mean() + 0.1


def test_a_class_without_a_near_proposal_stays_where_it_is():
    boxes = np.array([[0, 0, 5, 5]], dtype=np.float32)
    regressor = fit_regressor(np.ones((1, 3)), make_regions([boxes], np.full((1, 1, 5), -1.0), classes=2))
    np.testing.assert_allclose(regressor.moved(boxes, np.ones((1, 3)), 1), boxes)
