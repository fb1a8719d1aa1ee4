import os
import shutil

import numpy as np
import pytest
from PIL import Image

from modules.data.facts import Sizes, data_facts
from modules.data.source import images_and_labels
from modules.recipe import Data
from tests.modules.data.made import fill, pixels


def data(root, **settings):
    return Data(name="folder", path=str(root), image_size=8, **settings)


@pytest.fixture
def root(tmp_path):
    return fill(tmp_path / "pets")


def test_folders_are_classes_in_the_order_of_their_names(tmp_path):
    root = fill(tmp_path / "pets", {"dog": 6, "cat": 20, "ant": 9})
    facts = data_facts(data(root))
    assert facts.class_names == ("ant", "cat", "dog")
    assert (facts.images, facts.classes, facts.counts) == (35, 3, (9, 20, 6))
    assert (facts.ready, facts.skipped, facts.source) == (None, 0, str(root))


def test_images_are_those_of_pillow_and_carry_the_class_of_their_folder(root):
    found = images_and_labels(data(root).source)
    for index, (label, number) in enumerate([("cat", 0), ("cat", 19), ("dog", 3)]):
        index = number + 20 * (label == "dog")
        expected = np.asarray(Image.open(root / label / f"{number:03}.png"), dtype=np.float32).transpose(2, 0, 1) / 255
        assert np.array_equal(found.image(index, 8), expected)
        assert found.facts.class_names[found.labels[index]] == label


def test_files_below_a_class_folder_count_and_other_files_do_not(root):
    (root / "cat" / "old" / "deep").mkdir(parents=True)
    shutil.copy(root / "cat" / "000.png", root / "cat" / "old" / "deep" / "x.PNG")
    for name in ("cat/notes.txt", "cat/.hidden.png", "README.md", ".DS_Store"):
        (root / name).write_text("no image")
    (root / ".git").mkdir()
    (root / ".git" / "x.png").write_text("no image")
    assert data_facts(data(root)).counts == (21, 20)


@pytest.mark.parametrize(("grey", "channels"), [(True, 1), (False, 3)])
def test_images_have_the_channels_that_they_come_with(tmp_path, grey, channels):
    root = fill(tmp_path / "pets", grey=grey)
    assert data_facts(data(root)).channels == channels
    assert images_and_labels(data(root).source).image(0, 8).shape == (channels, 10, 12)
    assert data_facts(data(root, channels=4 - channels)).channels == 4 - channels


def test_one_image_in_colour_makes_all_of_them_colour(tmp_path):
    root = fill(tmp_path / "pets", grey=True)
    Image.fromarray(pixels("colour")).save(root / "cat" / "000.png")
    assert data_facts(data(root)).channels == 3


READY = [
    ({"train": "train", "test": "test"}, (40, 0, 8)),
    ({"train": "train", "val": "val", "test": "test"}, (40, 4, 8)),
    ({"train": "Train", "val": "valid", "test": "TEST"}, (40, 4, 8)),
    ({"train": "train", "test": "val"}, (40, 0, 8)),
    ({"train": "train", "test": "validation"}, (40, 0, 8)),
]


@pytest.mark.parametrize(("names", "sizes"), READY, ids=[" ".join(names.values()) for names, _ in READY])
def test_parts_that_come_ready_are_respected(tmp_path, names, sizes):
    counts = {"train": 20, "val": 2, "test": 4}
    for part, name in names.items():
        fill(tmp_path / "pets" / name, {"cat": counts[part], "dog": counts[part]})
    facts = data_facts(data(tmp_path / "pets"))
    assert facts.ready == Sizes(*sizes)
    assert facts.counts == (20, 20)
    found = images_and_labels(data(tmp_path / "pets").source)
    assert {part: len(numbers) for part, numbers in found.ready.items() if len(numbers)} == {
        part: size for part, size in zip(("train", "val", "test"), sizes, strict=True) if size
    }


BAD = {
    "truncated": ("cat/003.png", lambda path: path.write_bytes(path.read_bytes()[:200]), r"cat/003\.png \(is truncated\)"),
    "no image": ("dog/new.jpg", lambda path: path.write_text("hello"), r"dog/new\.jpg \(is not an image\)"),
    "empty file": ("dog/new.jpg", lambda path: path.touch(), r"dog/new\.jpg \(is not an image\)"),
    "no class": ("new.png", lambda path: Image.new("L", (9, 9)).save(path), r"new\.png \(lies in no class folder\)"),
    "no range": ("cat/new.tif", lambda path: Image.new("F", (9, 9)).save(path), r"cat/new\.tif \(has pixels of mode F"),
    "dangling link": ("cat/new.png", lambda path: path.symlink_to("nowhere.png"), r"cat/new\.png \(cannot be read, No such"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "spoil", "words"), BAD.values(), ids=BAD)
def test_a_bad_file_stops_the_plan_with_its_name_or_is_skipped_and_counted(root, name, spoil, words):
    spoil(root / name)
    with pytest.raises(
        ValueError, match=rf"pets: 1 cannot be used: {words}.*repair or remove them, or say bad_files: skip"
    ) as said:
        data_facts(data(root))
    assert "\n" not in str(said.value)
    facts = data_facts(data(root, bad_files="skip"))
    assert facts.skipped == 1
    assert facts.images == 40 - (name == "cat/003.png")


def test_of_many_bad_files_the_first_are_named_and_all_are_counted(root):
    for index in range(7):
        (root / "cat" / f"{index:03}.png").write_bytes(b"")
    with pytest.raises(
        ValueError,
        match=r"7 cannot be used: cat/000\.png .*, cat/001\.png .*, cat/002\.png \(is not an image\) and 4 more;",
    ):
        data_facts(data(root))
    assert data_facts(data(root, bad_files="skip")).skipped == 7


def test_an_empty_class_folder_is_told(root):
    (root / "emu").mkdir()
    with pytest.raises(ValueError, match=r"emu/ \(holds no image\)"):
        data_facts(data(root))
    facts = data_facts(data(root, bad_files="skip"))
    assert (facts.class_names, facts.skipped) == (("cat", "dog"), 0)


def test_a_class_that_only_one_part_has_is_told_or_skipped_whole(tmp_path):
    fill(tmp_path / "train", {"ant": 5, "cat": 20, "dog": 20})
    fill(tmp_path / "val", {"ant": 2, "cat": 3, "dog": 3, "fox": 1})
    fill(tmp_path / "test", {"cat": 6, "dog": 6, "emu": 4})
    with pytest.raises(
        ValueError,
        match=r"3 cannot be used: class 'ant' \(is missing in the test part\), class 'emu' \(is missing in the training part\), class 'fox'",
    ):
        data_facts(data(tmp_path))
    facts = data_facts(data(tmp_path, bad_files="skip"))
    assert (facts.class_names, facts.ready, facts.skipped) == (("cat", "dog"), Sizes(40, 6, 12), 12)


def test_images_beside_ready_parts_have_no_class(tmp_path):
    for part in ("train", "test"):
        fill(tmp_path / part)
    Image.new("L", (9, 9)).save(tmp_path / "train" / "x.png")
    fill(tmp_path / "more", {"cat": 2})
    with pytest.raises(ValueError, match=r"3 cannot be used: more/cat/000\.png \(lies in no class folder\)"):
        data_facts(data(tmp_path))
    assert data_facts(data(tmp_path, bad_files="skip")).skipped == 3


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        ({"cat": 20}, "there is only class 'cat'; there must be images of two classes or more"),
        ({"train": 20}, "has a folder train but none for testing; add test, or name .*/pets/train"),
        ({}, "there is no image that can be used"),
        ({"cat": 20, "dog": 3}, "class 'dog' of .*pets has 3 of 23 images, too few for every part to have some"),
        ({"cat": 2, "dog": 2}, r"val_share is 0\.1, that is 0 of 4 images of .*pets, fewer than the 2 classes; raise it"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("bad_files", ["stop", "skip"])
def test_too_little_to_learn_from_stops_the_plan(tmp_path, classes, words, bad_files):
    (tmp_path / "pets").mkdir()
    fill(tmp_path / "pets", classes or {"cat": 0})
    if not classes:
        (tmp_path / "pets" / "cat").rmdir()
    with pytest.raises(ValueError, match=words):
        data_facts(data(tmp_path / "pets", bad_files=bad_files))


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ValueError, match="pets: there is no such folder; name one that has a folder of images"):
        data_facts(data(tmp_path / "pets"))


def test_more_training_images_than_there_are_get_advice(tmp_path):
    root = fill(tmp_path / "pets")
    with pytest.raises(
        ValueError, match=r"train_size is 30, but validation and test leave 18 of 40 images of .*pets; lower it"
    ):
        data_facts(data(root, train_size=30))
    fill(tmp_path / "ready" / "train")
    fill(tmp_path / "ready" / "test", {"cat": 2, "dog": 2})
    with pytest.raises(
        ValueError,
        match=r"train_size is 39, but validation leaves 36 of 40 training images of .*; lower it or val_share",
    ):
        data_facts(data(tmp_path / "ready", train_size=39))
    fill(tmp_path / "ready" / "val", {"cat": 2, "dog": 2})
    images_and_labels.cache_clear()
    with pytest.raises(ValueError, match=r"train_size is 41, but the training part of .* has 40 images; lower it"):
        data_facts(data(tmp_path / "ready", train_size=41))


def checksum(root):
    images_and_labels.cache_clear()
    return data_facts(data(root)).checksum


def test_the_checksum_is_of_the_content_wherever_it_lies(root, tmp_path):
    before = checksum(root)
    root.rename(tmp_path / "moved")
    root = tmp_path / "moved"
    assert checksum(root) == before
    (root / "dog" / "019.png").rename(root / "dog" / "020.png")  # still the last one
    assert checksum(root) == before


CHANGES = {
    "a pixel": lambda root: Image.fromarray(pixels("other")).save(root / "cat" / "000.png"),
    "a label": lambda root: (root / "cat" / "019.png").rename(root / "dog" / "x.png"),
    "the order": lambda root: (root / "cat" / "000.png").rename(root / "cat" / "x.png"),
    "one more": lambda root: Image.fromarray(pixels("other")).save(root / "cat" / "x.png"),
    "one less": lambda root: os.remove(root / "cat" / "000.png"),
    "a class's name": lambda root: (root / "cat").rename(root / "bee"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_checksum_shows_every_change(root, change):
    before = checksum(root)
    change(root)
    assert checksum(root) != before


def test_the_checksum_tells_the_parts_apart(tmp_path):
    """The last training image becomes the first for validation: the same images of the same classes in one order."""
    fill(tmp_path / "train")
    fill(tmp_path / "test")
    fill(tmp_path / "val", {"dog": 2})
    before = checksum(tmp_path)
    (tmp_path / "train" / "dog" / "019.png").rename(tmp_path / "val" / "dog" / "!.png")
    assert checksum(tmp_path) != before
