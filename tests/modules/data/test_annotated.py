import numpy as np
import pytest

from modules.data.annotated import box_set, mask_set
from modules.data.settings import Data

DATA = Data(name="./own.py:load")
IMAGES = np.zeros((3, 8, 10), dtype=np.uint8)
BOX = [1, 2, 4, 6, 0]


def boxes(*of_image):
    return [np.array(one, dtype=float).reshape(-1, 5) for one in of_image]


def test_an_image_may_have_no_box():
    made = box_set(DATA, "own", IMAGES, boxes([BOX], [], [BOX, [0, 0, 10, 8, 1]]))
    assert made.facts.task == "detection"
    assert (made.facts.classes, made.facts.counts) == (2, (2, 1))
    assert made.labels[1, :, 4].tolist() == [-1, -1]
    assert made.labels[0].tolist() == [BOX, [-1] * 5]


@pytest.mark.parametrize("box", [[-1, 0, 4, 4, 0], [0, 0, 11, 4, 0], [0, 0, 4, 9, 0], [4, 0, 4, 4, 0], [5, 0, 4, 4, 0]])
def test_boxes_that_leave_their_image_or_are_none_stop_with_their_place(box):
    with pytest.raises(
        ValueError, match="of image 2 is not within its 10 x 8 pixels; it must have 0 <= left < right <= 10"
    ):
        box_set(DATA, "own", IMAGES, boxes([BOX], [], [BOX, box]))


def test_boxes_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="of image 0 is not within"):
        box_set(DATA, "own", IMAGES, boxes([[np.nan, 0, 4, 4, 0]], [], []))


def test_classes_without_examples_are_named():
    with pytest.raises(ValueError, match="class '1' has no example; add some, or leave the class out"):
        box_set(DATA, "own", IMAGES, boxes([BOX], [], [[0, 0, 4, 4, 2]]))


def test_images_without_any_box_have_nothing_to_find():
    with pytest.raises(ValueError, match="no image has a box"):
        box_set(DATA, "own", IMAGES, boxes([], [], []))


def test_boxes_of_another_form_are_refused():
    with pytest.raises(ValueError, match=r"boxes of image 1 have shape \(2, 4\); it must be \(M, 5\)"):
        box_set(DATA, "own", IMAGES, [np.array([BOX]), np.zeros((2, 4)), np.array([BOX])])
    with pytest.raises(ValueError, match="3 images but boxes for 1"):
        box_set(DATA, "own", IMAGES, boxes([BOX]))


def test_masks_have_a_class_for_every_pixel():
    masks = np.zeros((3, 8, 10), dtype=np.uint8)
    masks[1, 2:4] = 1
    made = mask_set(DATA, "own", IMAGES, masks)
    assert (made.facts.task, made.facts.classes, made.facts.counts) == ("segmentation", 2, (3, 1))
    assert made.labels.dtype == np.int64


def test_masks_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"they must be whole numbers of shape \(3, 8, 10\)"):
        mask_set(DATA, "own", IMAGES, np.zeros((3, 10, 8), dtype=int))
    with pytest.raises(ValueError, match="mask 2 holds 7; its pixels must be 0 to 1"):
        mask_set(
            DATA,
            "own",
            IMAGES,
            np.array([np.zeros((8, 10)), np.ones((8, 10)), np.full((8, 10), 7)]).astype(int),
            ("no", "yes"),
        )


@pytest.mark.parametrize("label", [np.inf, np.nan, 0.5, -1, 10_000, 1e30])
def test_classes_of_boxes_are_whole_numbers_of_a_reasonable_size(label):
    with pytest.raises(ValueError, match=r"boxes of image 1 have class .*; it must be a whole number, 0 to 9999"):
        box_set(DATA, "own", IMAGES, boxes([BOX], [[1, 2, 4, 6, label]], []))


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_classes_of_masks_are_of_a_reasonable_size(dtype):
    masks = np.zeros((3, 8, 10), dtype=dtype)
    masks[1, 2, 3] = 10**8
    with pytest.raises(ValueError, match="mask 1 holds 100000000; its pixels must be 0 to 9999"):
        mask_set(DATA, "own", IMAGES, masks)


def test_masks_of_one_class_have_nothing_to_tell_apart():
    with pytest.raises(ValueError, match="masks hold class 0 alone; there must be two classes or more"):
        mask_set(DATA, "own", IMAGES, np.zeros((3, 8, 10), dtype=int))


def test_pixels_that_are_not_finite_are_refused_with_their_image():
    images = IMAGES / 255
    images[2, 0, 0] = np.nan
    masks = np.tile(np.arange(10) // 5, (3, 8, 1))
    for make, labels in ((mask_set, masks), (box_set, boxes([BOX], [], []))):
        with pytest.raises(ValueError, match="image 2 holds numbers that are not finite; repair it, or take it out"):
            make(DATA, "own", images, labels)


@pytest.mark.parametrize("pixel", [-0.5, 255.0])
def test_regions_are_searched_for_in_pixels_from_0_to_1_alone(pixel):
    images = IMAGES / 255
    images[0, 0, 0] = pixel
    with pytest.raises(ValueError, match="they must be floats from 0 to 1, or uint8: scale them"):
        box_set(DATA, "own", images, boxes([BOX], [], []))
    assert mask_set(DATA, "own", images, np.tile(np.arange(10) // 5, (3, 8, 1))).facts.images == 3


def test_a_change_of_any_label_changes_the_checksum():
    masks = np.zeros((3, 8, 10), dtype=int)
    masks[0, 0] = 1
    other = masks.copy()
    other[2, 7, 9] = 1
    one, two = (mask_set(DATA, "own", IMAGES, given).facts.checksum for given in (masks, other))
    assert one != two
