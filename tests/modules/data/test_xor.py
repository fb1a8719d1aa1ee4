import numpy as np
import pytest

from modules.data.facts import data_facts
from modules.data.generated import Points
from modules.data.settings import Data
from modules.data.splits import make_splits
from modules.data.xor import make_points
from modules.streams import Streams


def test_without_spread_there_are_four_points_as_often_and_their_class_is_exclusive_or():
    points, labels = make_points(Points(points=80))
    corners, counts = np.unique(np.column_stack([points, labels]), axis=0, return_counts=True)
    assert corners.tolist() == [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert counts.tolist() == [20] * 4


def test_noise_has_the_spread_that_is_asked_for_and_labels_are_those_of_the_corners():
    points, labels = make_points(Points(points=40_000, spread=0.25))
    plain, same = make_points(Points(points=40_000))
    assert np.array_equal(labels, same)
    assert np.allclose((points - plain).std(axis=0), 0.25, rtol=0.02)


def test_another_seed_draws_other_points_and_the_same_seed_the_same():
    one, again, other = (make_points(Points(spread=0.1, seed=seed))[0] for seed in (0, 0, 1))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_points_are_images_of_one_pixel_and_two_channels():
    data = Data(name="xor", arguments={"points": 100})
    splits = make_splits(data, Streams(0))
    assert data.image_size == 1
    assert splits.train.images.shape[1:] == (2, 1, 1)
    assert (data_facts(data).classes, data_facts(data).counts) == (2, (50, 50))


def test_points_have_no_other_size():
    with pytest.raises(ValueError, match="xor has points, not images: take it away"):
        Data(name="xor", image_size=32)


def test_images_are_not_points():
    with pytest.raises(ValueError, match="image_size is 1; images have 8 pixels a side or more"):
        Data(image_size=1)
