"""Arrays are known for masks or boxes by their shapes, and what is neither is told in a line."""

import numpy as np
import pytest
import torch

from modules.data.labelled import labelled_set
from modules.data.settings import Data

DATA = Data(name="./own.py:load")
IMAGES = np.zeros((4, 8, 10), dtype=np.uint8)
MASKS = np.tile(np.arange(10) // 5, (4, 8, 1))
BOXES = [[[1, 2, 4, 6, 0], [0, 0, 5, 5, 1]]] * 4


def read(labels, images=IMAGES):
    return labelled_set(DATA, "own", {"": (images, labels)})


@pytest.mark.parametrize("labels", [MASKS, list(MASKS), MASKS.tolist(), [torch.tensor(one) for one in MASKS]])
def test_masks_may_be_an_array_or_a_list(labels):
    made = read(labels)
    assert (made.facts.task, made.facts.classes) == ("segmentation", 2)
    assert np.array_equal(made.labels, MASKS)


@pytest.mark.parametrize("labels", [BOXES, np.array(BOXES), [np.array(one) for one in BOXES], [*BOXES[:3], []]])
def test_boxes_may_be_an_array_or_a_list(labels):
    made = read(labels)
    assert (made.facts.task, made.facts.classes) == ("detection", 2)
    assert made.labels[0].tolist() == BOXES[0]


@pytest.mark.parametrize("labels", [[0, 1, 0, 1], ["a", "b", "a", "b"], np.array([[0], [1], [0], [1]])])
def test_one_class_each_is_classification(labels):
    assert read(labels).facts.task == "classification"


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([[[1, 2, 4, 6, "cat"]]] * 4, "boxes of image 0 hold text; all must be numbers"),
        ([*BOXES[:2], [[1, 2, 4, 6, 0], [1, 2]], BOXES[0]], "known of image 2 has rows of different lengths"),
        ([[[1, 2, 4, 6]]] * 4, r"boxes of image 0 have shape \(1, 4\); it must be \(M, 5\)"),
        (BOXES[:3], "4 images but boxes for 3"),
        (MASKS[:, :4], r"masks are int64 of shape \(4, 4, 10\)"),
        (MASKS.astype(str), "masks are .*; they must be whole numbers"),
        ([[], [], [], []], "no image has a box"),
    ],
)
def test_what_is_neither_is_told_in_a_line(labels, words):
    with pytest.raises(ValueError, match=words) as said:
        read(labels)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize("labels", [MASKS[:0], np.zeros((0, 2, 5)), []])
def test_without_images_there_is_nothing(labels):
    with pytest.raises(ValueError, match="there are no images"):
        read(labels, IMAGES[:0])


@pytest.mark.parametrize(("labels", "kind"), [(MASKS, "masks"), (BOXES, "boxes")])
def test_ready_parts_are_for_images_of_one_class(labels, kind):
    with pytest.raises(ValueError, match=f"the test part has {kind}, which cannot come in parts; give all images and"):
        labelled_set(DATA, "own", {"test": (IMAGES, labels), "train": (IMAGES, labels)})
