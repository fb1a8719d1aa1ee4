import shutil
import sys

import numpy as np
import pytest

from modules.data.facts import Sizes, data_facts
from modules.data.hub import KNOWN
from modules.data.settings import Data
from modules.data.source import images_and_labels
from tests.modules.data.made import pixels

datasets = pytest.importorskip("datasets")
NAMES = ["ant", "bee", "cat"]


@pytest.fixture(autouse=True)
def quiet_and_offline(monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()


def rows(count, start=0, names=NAMES, grey=False, **columns):
    """A split of images and labels that go round."""
    features = {"picture": datasets.Image(), "kind": datasets.ClassLabel(names=names)}
    content = {
        "picture": [pixels(start + index, grey=grey) for index in range(count)],
        "kind": [(start + index) % len(names) for index in range(count)],
    }
    for name, (feature, values) in columns.items():
        features[name], content[name] = feature, values
    return datasets.Dataset.from_dict(content, features=datasets.Features(features))


@pytest.fixture
def saved(tmp_path):
    def save(given, **settings):
        shutil.rmtree(tmp_path / "saved", ignore_errors=True)
        saved = given if isinstance(given, datasets.Dataset) else datasets.DatasetDict(given)
        saved.save_to_disk(str(tmp_path / "saved"))
        images_and_labels.cache_clear()
        return Data(name="hub", path=str(tmp_path / "saved"), image_size=8, **settings)

    return save


@pytest.mark.parametrize("second", ["test", "validation"])
def test_splits_are_parts_and_columns_are_found_by_their_type(saved, second):
    data = saved({"train": rows(45), second: rows(15, start=45), "extra": rows(9, start=500)})
    facts = data_facts(data)
    assert (facts.ready, facts.class_names, facts.channels) == (Sizes(45, 0, 15), tuple(NAMES), 3)
    found = images_and_labels(data.source)
    assert found.labels.tolist() == [index % 3 for index in range(60)]
    for index in (0, 44, 45, 59):
        assert np.array_equal(found.image(index, 8) * 255, pixels(index).transpose(2, 0, 1))


@pytest.mark.parametrize(
    "whole", [rows(60), {"train": rows(60)}, {"everything": rows(60)}], ids=["one", "train", "other"]
)
def test_images_in_one_piece_are_all_to_be_split(saved, whole):
    facts = data_facts(saved(whole))
    assert (facts.ready, facts.images, facts.counts) == (None, 60, (20, 20, 20))


def test_shuffled_rows_keep_their_labels(saved):
    data = saved(rows(60, grey=True).shuffle(seed=3))
    found = images_and_labels(data.source)
    labels = {pixels(index, grey=True).tobytes(): index % 3 for index in range(60)}
    for index in range(60):
        assert labels[(found.image(index, 8)[0] * 255).round().astype(np.uint8).tobytes()] == found.labels[index]


def unlabelled(count, *numbers):
    split = rows(count)
    kinds = [-1 if index in numbers else label for index, label in enumerate(split["kind"])]
    features = split.features
    return split.remove_columns("kind").add_column("kind", kinds, feature=features["kind"])


def test_rows_without_a_label_are_named_or_skipped(saved):
    splits = {"train": unlabelled(60, 4), "test": unlabelled(15, 0, 9)}
    with pytest.raises(
        ValueError, match=r"3 cannot be used: row 4 of train \(has no label\), row 0 of test \(has no label\)"
    ):
        data_facts(saved(splits))
    facts = data_facts(saved(splits, bad_files="skip"))
    assert (facts.skipped, facts.ready) == (3, Sizes(59, 0, 13))


def test_images_that_cannot_be_decoded_are_named(saved):
    broken = rows(60).cast_column("picture", datasets.Image(decode=False)).to_dict()
    broken["picture"][7] = {"bytes": b"hello", "path": None}
    broken["picture"][9] = None
    split = datasets.Dataset.from_dict(broken, features=rows(3).features)
    with pytest.raises(
        ValueError, match=r"2 cannot be used: row 7 \(is not an image\), row 9 \(cannot be read, there is no image\)"
    ):
        data_facts(saved(split))
    assert data_facts(saved(split, bad_files="skip")).images == 58


def test_columns_that_are_not_clear_must_be_named(saved):
    coarse = (datasets.ClassLabel(names=["low", "high"]), [index % 2 for index in range(60)])
    text = (datasets.Value("string"), ["ab"[index % 2] for index in range(60)])
    split = rows(60, coarse=coarse, text=text)
    with pytest.raises(
        ValueError,
        match=r"has 2 columns \(kind, coarse\) of type ClassLabel .*; name the one to take under arguments: label",
    ):
        data_facts(saved(split))
    assert data_facts(saved(split, arguments={"label": "coarse"})).class_names == ("low", "high")
    assert data_facts(saved(split, arguments={"label": "text"})).class_names == ("a", "b")
    with pytest.raises(ValueError, match="there is no column 'kinds'; did you mean kind"):
        data_facts(saved(split, arguments={"label": "kinds"}))
    with pytest.raises(ValueError, match="has no column of type Image among kind; name the one"):
        data_facts(saved(rows(60).remove_columns("picture")))


def test_the_checksum_shows_every_change_and_nothing_else(saved, tmp_path):
    base = data_facts(saved(rows(60))).checksum
    (tmp_path / "saved").rename(tmp_path / "moved")
    assert data_facts(Data(name="hub", path=str(tmp_path / "moved"))).checksum == base
    assert data_facts(saved(rows(60, names=["ant", "bee", "cat", "dog"]))).checksum != base
    assert data_facts(saved(rows(60, start=3))).checksum != base
    one, other = (
        data_facts(saved(dict(zip(names, (rows(60), rows(9), rows(9, start=60)), strict=True)))).checksum
        for names in (("train", "validation", "test"), ("train", "test", "validation"))
    )
    assert len({base, one, other}) == 3


def test_what_cannot_be_loaded_is_told_in_a_line(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        ValueError, match="empty: cannot be loaded from the hub or from disk: FileNotFoundError"
    ) as said:
        data_facts(Data(name="hub", path=str(tmp_path / "empty")))
    assert "\n" not in str(said.value)


def test_the_missing_library_is_told_how_to_get(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ValueError, match=r"data of the hub need the library datasets; pip install 'ablations\[hub\]'"):
        data_facts(Data(name="hub", path="mnist"))


@pytest.mark.parametrize("name", KNOWN)
def test_well_known_names_stand_for_what_the_hub_calls_them(name, monkeypatch):
    asked = []

    def load(*args, **settings):
        asked.append((*args, settings))
        label = {KNOWN[name].label: (datasets.ClassLabel(names=NAMES), [index % 3 for index in range(30)])}
        one = (
            rows(30)
            .remove_columns("kind")
            .add_column("coarse", [0] * 30, feature=datasets.ClassLabel(names=["x", "y"]))
        )
        for column, (feature, values) in label.items():
            one = one.add_column(column, values, feature=feature)
        return datasets.DatasetDict(train=one, test=one)

    monkeypatch.setattr(datasets, "load_dataset", load)
    facts = data_facts(Data(name="hub", path=name, arguments={"revision": "abc"}))
    assert asked == [(KNOWN[name].id, KNOWN[name].config, {"revision": "abc"})]
    assert (facts.ready, facts.class_names) == (Sizes(30, 0, 30), tuple(NAMES))
    assert facts.source == f"{KNOWN[name].id} ({KNOWN[name].config})"
