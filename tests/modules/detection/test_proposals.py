import json

import numpy as np
import pytest
import torch

from modules.data import cache
from modules.data.prepared import all_prepared
from modules.detection import proposals as module
from modules.detection.proposals import as_bytes, proposals
from modules.recipe import Data

DATA = Data(name="digit_boxes", arguments={"images": 10, "classes": 2, "size": 32})


def images():
    return all_prepared(DATA.source, DATA.image_size)


def test_images_are_searched_once(monkeypatch):
    first = proposals(DATA)
    monkeypatch.setattr(module, "search", lambda image: pytest.fail("searched again"))
    again = proposals(DATA)
    assert again.seconds == first.seconds > 0
    for one, other in zip(first.of(images(), 1000), again.of(images(), 1000), strict=True):
        assert np.array_equal(one, other)
        assert one.dtype == other.dtype == np.float32


def test_what_cannot_be_read_is_found_again():
    first = proposals(DATA)
    (file,) = cache.folder().glob("proposals-*.json")
    file.write_text('{"boxes":')
    assert {name: boxes.tolist() for name, boxes in proposals(DATA).boxes.items()} == {
        name: boxes.tolist() for name, boxes in first.boxes.items()
    }


def test_other_sizes_and_other_images_are_searched_for_themselves():
    others = [
        DATA.model_copy(update={"image_size": 48}),
        Data(name="digit_boxes", arguments={"images": 10, "classes": 2, "size": 32, "seed": 1}),
    ]
    for data in (DATA, *others):
        proposals(data)
    assert len(list(cache.folder().glob("proposals-*.json"))) == 3


def test_of_many_boxes_some_are_kept_the_same_every_time():
    found = proposals(DATA)
    few, all_of_them = found.of(images(), 3), found.of(images(), 1000)
    for some, every in zip(few, all_of_them, strict=True):
        assert len(some) == min(3, len(every))
        assert {tuple(box) for box in some.tolist()} <= {tuple(box) for box in every.tolist()}
    assert [one.tolist() for one in found.of(images(), 3)] == [one.tolist() for one in few]


def test_pixels_become_bytes():
    assert as_bytes(torch.tensor([[[0.0, 1.0], [0.5, 7.0]]])).tolist() == [[[0, 255], [128, 255]]]


def test_what_other_code_found_is_not_taken(monkeypatch):
    proposals(DATA)
    digest = module.source_digest
    for name in ("proposals.py", "prepared.py", "selective_search.py"):
        with monkeypatch.context() as patched:
            patched.setattr(
                module, "source_digest", lambda path, name=name: "new" if path.name == name else digest(path)
            )
            proposals(DATA)
    monkeypatch.setattr(torch, "__version__", "another")
    proposals(DATA)
    assert len(list(cache.folder().glob("proposals-*.json"))) == 5


def test_images_that_what_is_kept_does_not_know_are_searched():
    first = proposals(DATA)
    (file,) = cache.folder().glob("proposals-*.json")
    kept = json.loads(file.read_text())
    kept["boxes"].popitem()
    file.write_text(json.dumps(kept))
    assert proposals(DATA).boxes.keys() == first.boxes.keys()
