import numpy as np
import pytest
from scipy import ndimage

from modules.data.canvases import CANVASES, canvas
from modules.data.generated import Scenes
from modules.data.scenes import make_scenes
from modules.data.settings import Data
from modules.data.splits import make_splits
from modules.streams import Streams

SCENES = make_scenes(Scenes(images=40, size=48))


def test_the_same_seed_draws_the_same_scenes_and_another_seed_others():
    one, again, other = (make_scenes(Scenes(images=10, size=24, seed=seed)) for seed in (3, 3, 4))
    assert all(
        np.array_equal(a, b) for left, right in zip(one, again, strict=True) for a, b in zip(left, right, strict=True)
    )
    assert not any(np.array_equal(left.image, right.image) for left, right in zip(one, other, strict=True))


def test_more_scenes_begin_with_those_of_fewer():
    fewer = make_scenes(Scenes(images=10, size=48))
    assert all(np.array_equal(scene.image, SCENES[number].image) for number, scene in enumerate(fewer))


@pytest.mark.parametrize("size", [24, 64, 97])
def test_boxes_fit_the_masks_where_digits_are_alone(size):
    for scene in make_scenes(Scenes(images=20, size=size, objects=(1, 1))):
        ((left, top, right, bottom, digit),) = scene.boxes.tolist()
        rows, columns = ndimage.find_objects((scene.mask > 0).astype(int))[0]
        assert (columns.start, rows.start, columns.stop, rows.stop) == (left, top, right, bottom)
        assert set(np.unique(scene.mask)) == {0, digit + 1}


def test_every_box_is_within_its_picture_and_its_digit_is_to_be_seen():
    for scene in SCENES:
        for left, top, right, bottom, digit in scene.boxes.astype(int).tolist():
            assert 0 <= left < right <= 48
            assert 0 <= top < bottom <= 48
            assert digit + 1 in scene.mask[top:bottom, left:right]


def test_digits_can_be_told_from_what_is_behind_them():
    for scene in SCENES:
        grey = scene.image.mean(axis=0) / 255
        for left, top, right, bottom, digit in scene.boxes.astype(int).tolist():
            window, mask = grey[top:bottom, left:right], scene.mask[top:bottom, left:right]
            assert abs(window[mask == digit + 1].mean() - window[mask == 0].mean()) > 0.1


def test_there_are_as_many_digits_as_asked_for_and_the_classes_equally_often():
    scenes = make_scenes(Scenes(images=60, size=48, objects=(0, 2), classes=3))
    counts = [len(scene.boxes) for scene in scenes]
    assert set(counts) == {0, 1, 2}
    digits = np.concatenate([scene.boxes[:, 4] for scene in scenes]).astype(int)
    assert np.ptp(np.bincount(digits, minlength=3)) <= 2


@pytest.mark.parametrize("kind", CANVASES)
def test_canvases_differ_from_draw_to_draw_and_stay_within_what_can_be_shown(kind):
    one, other = (canvas(kind, 32, np.random.default_rng(seed)) for seed in (0, 1))
    assert one.shape == (32, 32, 3)
    assert 0 <= one.min() <= one.max() <= 1
    assert not np.allclose(one, other)


def test_masks_and_boxes_are_resized_with_their_images():
    arguments = {"images": 20, "size": 64, "objects": [1, 1]}
    masks = make_splits(Data(name="digit_masks", arguments=arguments, image_size=32), Streams(0))
    boxes = make_splits(Data(name="digit_boxes", arguments=arguments, image_size=32), Streams(0))
    assert masks.test.labels.shape[1:] == (32, 32)
    for mask, ((left, top, right, bottom, digit),) in zip(masks.test.labels, boxes.test.labels.tolist(), strict=True):
        rows, columns = (np.flatnonzero((mask > 0).numpy().any(axis)) for axis in (1, 0))
        assert np.allclose([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], [left, top, right, bottom], atol=1)
        assert int(mask.max()) == digit + 1


def test_the_parts_of_one_seed_share_no_picture():
    splits = make_splits(Data(name="digit_masks", arguments={"images": 30, "size": 24}), Streams(1))
    parts = [splits.train.images, splits.val.images, splits.test.images]
    assert len(np.unique(np.concatenate([part.numpy() for part in parts]), axis=0)) == sum(map(len, parts)) == 30


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"objects": [3, 1]}, "objects is .3, 1., least and most: put the smaller number first"),
        ({"objects": [0, 0]}, "nothing to find"),
        ({"size": 8}, "size: Input should be greater than or equal to 24, not 8"),
        ({"image": 8}, "did you mean images"),
        ({"canvas": "tartan"}, "canvas: Input should be 'plain', 'noise', 'stripes', 'clouds' or 'mixed'"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_a_line(arguments, said):
    with pytest.raises(ValueError, match=said):
        Data(name="digit_masks", arguments=arguments)
