import numpy as np
import pytest

from modules.data.facts import Sizes, data_facts
from modules.data.npz import named_arrays
from modules.data.source import images_and_labels
from modules.recipe import Data
from tests.modules.data.made import arrays

IMAGES, LABELS = arrays(60)
FORMS = {
    "images and labels": ("images", "labels"),
    "x and y": ("x", "y"),
    "capitals": ("X", "Y"),
}
READY = {
    "keras": ["x_{}", "y_{}"],
    "medmnist": ["{}_images", "{}_labels"],
    "capitals": ["X_{}", "Y_{}"],
}


@pytest.fixture
def saved(tmp_path):
    def save(**given):
        np.savez_compressed(tmp_path / "made.npz", **given)
        return Data(name="npz", path=str(tmp_path / "made.npz"), image_size=8)

    return save


@pytest.mark.parametrize(("images", "labels"), FORMS.values(), ids=FORMS)
def test_images_and_labels_in_one_piece(saved, images, labels):
    data = saved(**{images: IMAGES, labels: LABELS, "about": np.array("made")})
    facts = data_facts(data)
    assert (facts.images, facts.classes, facts.channels, facts.ready) == (60, 4, 1, None)
    found = images_and_labels(data.source)
    assert np.array_equal(found.image(9, 8)[0] * 255, IMAGES[9])
    assert found.labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize("val", ["val", "valid", None])
@pytest.mark.parametrize(("images", "labels"), READY.values(), ids=READY)
def test_parts_that_come_ready(saved, images, labels, val):
    parts = {"train": slice(0, 40), "test": slice(40, 52), **({val: slice(52, 60)} if val else {})}
    given = {images.format(part): IMAGES[some] for part, some in parts.items()}
    given |= {labels.format(part): LABELS[some, None] for part, some in parts.items()}
    assert data_facts(saved(**given)).ready == Sizes(40, 8 if val else 0, 12)


@pytest.mark.parametrize(
    "names",
    [[], ["images"], ["x", "labels_test"], ["data", "target"], ["x_train", "y_train"], ["x_train_raw", "y_train_raw"]],
)
def test_arrays_that_do_not_belong_together_are_no_data(names):
    assert named_arrays(names) == {}


def test_a_file_without_images_is_told_what_it_holds(saved):
    with pytest.raises(ValueError, match=r"made\.npz: holds data, target; it must hold images and labels, or x and y"):
        data_facts(saved(data=IMAGES, target=LABELS))


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 broken"])
def test_a_file_of_another_kind_is_told(tmp_path, content):
    (tmp_path / "made.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"made\.npz: is no \.npz of plain arrays; write it with numpy\.savez"):
        data_facts(Data(name="npz", path=str(tmp_path / "made.npz")))


def test_pickled_objects_are_not_loaded(saved):
    with pytest.raises(ValueError, match=r"is no \.npz of plain arrays"):
        data_facts(saved(images=np.array([{}, {}]), labels=LABELS[:2]))


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(ValueError, match=r"nowhere\.npz: there is no such file"):
        data_facts(Data(name="npz", path="nowhere.npz"))


def test_the_checksum_is_of_the_content_wherever_it_lies(saved, tmp_path):
    data = saved(x=IMAGES, y=LABELS)
    moved = Data(name="npz", path=str(tmp_path / "moved.npz"))
    np.savez(tmp_path / "moved.npz", labels=LABELS, images=IMAGES)
    assert data_facts(moved).checksum == data_facts(data).checksum


def test_labels_and_masks_in_one_file_are_told_apart_by_nobody(saved):
    with pytest.raises(ValueError, match=r"made\.npz: holds labels and masks, of which one alone can be learnt"):
        data_facts(saved(images=IMAGES, labels=LABELS, masks=IMAGES.astype(int)))


def test_masks_beside_images_make_it_segmentation(tmp_path):
    masks = np.tile(np.arange(10) // 5, (20, 8, 1))
    np.savez(tmp_path / "masks.npz", images=np.zeros((20, 8, 10), dtype=np.uint8), masks=masks)
    facts = data_facts(Data(name="npz", path=str(tmp_path / "masks.npz")))
    assert (facts.task, facts.classes) == ("segmentation", 2)
