import re
from itertools import pairwise

import pytest

from ablations.factors.train_size import TrainSize
from modules.data.splits import make_splits
from modules.recipe import Data, Recipe
from modules.streams import Streams


def part(images):
    data = TrainSize(images=images).apply(Recipe(data=Data(label_noise=0.3, standardize=False, image_size=8))).data
    made = make_splits(data, Streams(2))
    labels = zip(made.true_labels.tolist(), made.train.labels.tolist(), strict=True)
    seen = [(image.numpy().tobytes(), *both) for image, both in zip(made.train.images, labels, strict=True)]
    return seen, made.test.images, made.val.images


def test_smaller_training_sets_are_the_beginnings_of_larger_ones_and_other_parts_stay():
    sets = [part(images) for images in (50, 200, None)]
    for (small, *others), (large, *same) in pairwise(sets):
        assert large[: len(small)] == small
        assert all(one.equal(other) for one, other in zip(others, same, strict=True))
    assert [len(seen) for seen, *_ in sets] == [50, 200, 808]


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        (
            "[{images: 50}, {images: 900}]",
            r":3: factors\.train_size\.1.*: train_size is 900, but validation and test leave 808 of 1797 images "
            r"of digits; lower it or val_share or test_share",
        ),
        ("{images: 5}", r"factors\.train_size\.images: must be at least 10, not 5"),
        ("{images: many}", r"factors\.train_size\.images: must be a whole number, not 'many'"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(levels, message, refusal):
    assert re.search(message, refusal("train_size", levels))
