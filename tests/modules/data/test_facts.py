import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from modules.catalog import DATASETS
from modules.data.facts import card_facts, data_facts, split_sizes
from modules.data.source import images_and_labels
from modules.data.splits import make_splits
from modules.recipe import Data
from modules.streams import Streams
from tests.modules.data.made import arrays, fill

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.mark.parametrize("name", DATASETS)
def test_what_the_catalog_says_of_data_that_ship_is_what_is_read(name):
    found = images_and_labels(Data(name=name))
    assert found.facts == data_facts(Data(name=name)) == card_facts(Data(name=name))
    assert tuple(np.bincount(found.labels)) == found.facts.counts


def test_digits_may_be_coloured():
    data = Data(channels=3, image_size=8)
    assert data_facts(data).channels == 3
    images = make_splits(data, Streams(0)).val.images
    assert images.shape[1] == 3
    assert images[:, 0].equal(images[:, 2])


def test_facts_are_found_once_a_process(tmp_path):
    data = Data(name="folder", path=str(fill(tmp_path / "pets")))
    assert data_facts(data) is data_facts(data.model_copy(update={"image_size": 16}))


@pytest.mark.parametrize("ready", [(), ("test",), ("val", "test")])
def test_foreseen_sizes_are_those_of_the_split(tmp_path, ready):
    fill(tmp_path / "pets" / "train" if ready else tmp_path / "pets", {"cat": 31, "dog": 24})
    for part in ready:
        fill(tmp_path / "pets" / part, {"cat": 7, "dog": 5})
    data = Data(name="folder", path=str(tmp_path / "pets"), image_size=8)
    made, sizes = make_splits(data, Streams(0)), split_sizes(data, data_facts(data))
    assert tuple(len(part.labels) for part in (made.train, made.val, made.test)) == tuple(sizes)


CODE = """
import sys
from modules.data.facts import data_facts
from modules.recipe import Data
assert "numpy" not in sys.modules and "PIL" not in sys.modules
facts = data_facts(Data(name={name!r}, path={path!r}))
loaded = {{"torch", "sklearn", "numpy"}} & sys.modules.keys()
print(facts.images, *sorted(loaded))
"""


@pytest.mark.parametrize(
    ("name", "said"), [("digits", "1797"), ("folder", "40 numpy"), ("npz", "40 numpy")], ids=["digits", "folder", "npz"]
)
def test_facts_are_found_without_torch_and_those_of_digits_without_anything(tmp_path, name, said):
    images, labels = arrays()
    np.savez(tmp_path / "made.npz", images=images, labels=labels)
    path = {"folder": fill(tmp_path / "pets"), "npz": tmp_path / "made.npz"}.get(name)
    code = CODE.format(name=name, path=path and str(path))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == said


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        (
            {"val_share": 0.01},
            "val_share is 0.01, that is 0 of 20 images of digit_boxes, but it needs one at least; raise",
        ),
        ({"val_share": 0.5, "test_share": 0.49}, "training needs one at least, but validation and test leave 0 of 20"),
    ],
)
def test_parts_of_images_with_boxes_need_an_image(shares, words):
    with pytest.raises(ValueError, match=words):
        data_facts(Data(name="digit_boxes", arguments={"images": 20, "size": 24}, **shares))
