"""Arrays by way of .npz files and functions, which share all of it but where they come from."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from modules.data.arrays import array_set, as_images
from modules.data.facts import Sizes
from modules.recipe import Data
from tests.modules.data.made import arrays

DATA = Data(name="m:f")
GREY, LABELS = arrays()
COLOUR, _ = arrays(grey=False)


def whole(images=GREY, labels=LABELS, **settings):
    return array_set(Data(name="m:f", **settings), "made", {"": (images, labels)})


FORMS = {
    "N H W": (GREY, 1),
    "N H W 1": (GREY[..., None], 1),
    "N 1 H W": (GREY[:, None], 1),
    "N H W 3": (COLOUR, 3),
    "N 3 H W": (COLOUR.transpose(0, 3, 1, 2), 3),
}


@pytest.mark.parametrize("torch_tensor", [False, True])
@pytest.mark.parametrize(("images", "channels"), FORMS.values(), ids=FORMS)
def test_every_form_holds_the_same_images(images, channels, torch_tensor):
    given = torch.from_numpy(images.copy()) if torch_tensor else images
    found = whole(given)
    expected = GREY[7][None] if channels == 1 else COLOUR[7].transpose(2, 0, 1)
    assert found.facts.channels == channels
    assert found.image(7, 8).dtype == np.float32
    assert np.array_equal(found.image(7, 8), expected.astype(np.float32) / 255)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_are_taken_as_they_are(dtype):
    images = (GREY.astype(dtype) - 100) * 3
    assert np.array_equal(whole(images).image(3, 8)[0], images[3].astype(np.float32))


@given(st.integers(4, 9), st.integers(4, 9), st.sampled_from([1, 3]))
def test_channels_are_found_first_or_last(height, width, channels):
    first = np.zeros((2, channels, height, width), np.uint8)
    assert as_images(first, "").shape == as_images(first.transpose(0, 2, 3, 1), "").shape == first.shape


LABEL_FORMS = {
    "numbers": (LABELS, ("0", "1", "2", "3")),
    "a column": (LABELS[:, None], ("0", "1", "2", "3")),
    "a list": (LABELS.tolist(), ("0", "1", "2", "3")),
    "small": (LABELS.astype(np.uint8), ("0", "1", "2", "3")),
    "a tensor": (torch.from_numpy(LABELS), ("0", "1", "2", "3")),
    "with gaps": (LABELS * 10 - 10, ("-10", "0", "10", "20")),
    "text": (np.array(["a", "b", "c", "d"])[LABELS], ("a", "b", "c", "d")),
    "objects": (np.array(["a", "b", "c", "d"], dtype=object)[LABELS], ("a", "b", "c", "d")),
    "truth": (LABELS % 2 == 1, ("0", "1")),
}


@pytest.mark.parametrize(("labels", "names"), LABEL_FORMS.values(), ids=LABEL_FORMS)
def test_labels_become_the_numbers_of_sorted_classes(labels, names):
    found = whole(labels=labels)
    assert found.facts.class_names == names
    assert found.labels.dtype == np.int64
    assert found.labels.tolist() == (LABELS % len(names)).tolist()


REFUSED = {
    "other numbers": (
        GREY.astype(np.int64),
        LABELS,
        r"m:f: images are int64; they must be uint8 \(0 to 255\) or floats",
    ),
    "four channels": (
        np.zeros((40, 8, 8, 4), np.uint8),
        LABELS,
        r"images have shape \(40, 8, 8, 4\); it must be \(N, H, W\)",
    ),
    "flat": (np.zeros((40, 64), np.uint8), LABELS, r"images have shape \(40, 64\)"),
    "fewer labels": (GREY, LABELS[:39], "there are 40 images but 39 labels; there must be one for each"),
    "one-hot": (GREY, np.eye(4)[LABELS], r"labels have shape \(40, 4\); it must be \(N,\)"),
    "fractions": (GREY, LABELS / 2, "labels are float64; they must be whole numbers or text"),
    "no label": (GREY, ["a", None, *"ab" * 19], "label 1 is None; labels must be whole numbers or text"),
    "one class": (GREY, LABELS * 0, "there is only class '0'; there must be images of two classes or more"),
}


@pytest.mark.parametrize(("images", "labels", "words"), REFUSED.values(), ids=REFUSED)
def test_what_are_no_images_or_labels_is_refused(images, labels, words):
    with pytest.raises(ValueError, match=words):
        whole(images, labels)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_named_or_skipped(value):
    images = GREY.astype(np.float32)
    images[5, 2, 3] = images[17, 0, 0] = value
    with pytest.raises(
        ValueError, match=r"2 cannot be used: image 5 \(holds numbers that are not finite\), image 17 \("
    ):
        whole(images)
    found = whole(images, bad_files="skip")
    assert (found.facts.images, found.facts.skipped) == (38, 2)
    assert np.array_equal(found.image(5, 8)[0], images[6])
    assert found.labels.tolist() == np.delete(LABELS, [5, 17]).tolist()


def parts(**given):
    return array_set(DATA, "made", {part: (GREY[some], LABELS[some]) for part, some in given.items()})


def test_parts_are_counted_through_one_after_another():
    found = parts(train=slice(0, 24), test=slice(24, 36), val=slice(36, 40))
    assert found.facts.ready == Sizes(24, 4, 12)
    assert {part: numbers.tolist() for part, numbers in found.ready.items()} == {
        "train": list(range(24)), "test": list(range(24, 36)), "val": list(range(36, 40)),
    }  # fmt: skip
    assert np.array_equal(found.image(30, 8)[0] * 255, GREY[30])


def test_a_fault_in_a_part_is_named_by_its_index_there():
    images = GREY.astype(np.float32)
    images[26] = np.nan
    with pytest.raises(ValueError, match="image 2 of the test part"):
        array_set(DATA, "", {"train": (images[:24], LABELS[:24]), "test": (images[24:], LABELS[24:])})
    with pytest.raises(ValueError, match="m:f, test part: there are 16 images but 15 labels"):
        array_set(DATA, "", {"train": (GREY[:24], LABELS[:24]), "test": (GREY[24:], LABELS[25:])})
    with pytest.raises(ValueError, match=r"labels differ in kind \(train: int64, test: <U21\); make them all"):
        array_set(DATA, "", {"train": (GREY, LABELS), "test": (GREY, LABELS.astype(str))})


def test_the_checksum_shows_every_change_and_nothing_else():
    base = whole().facts.checksum
    assert whole(GREY.copy(), LABELS.tolist()).facts.checksum == base
    for number in (0, 39):
        images, labels = GREY.copy(), LABELS.copy()
        images[number, 0, 0] ^= 1
        labels[number] = 3 - labels[number]
        assert whole(images).facts.checksum != base
        assert whole(labels=labels).facts.checksum != base
    one, other = (dict(zip(names, (slice(0, 24), slice(24, 32), slice(32, 40)), strict=True)) for names in (
        ("train", "val", "test"), ("train", "test", "val"),
    ))  # fmt: skip
    assert parts(**one).facts.checksum != parts(**other).facts.checksum
    cut = parts(train=slice(0, 24), test=slice(24, 40)).facts.checksum
    assert len({base, cut, parts(train=slice(0, 28), test=slice(28, 40)).facts.checksum}) == 3
