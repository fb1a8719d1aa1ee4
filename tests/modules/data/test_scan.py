import json
import os

import pytest

from modules.data import scan as module
from modules.data.cache import folder, keep, recall
from modules.data.facts import data_facts
from modules.data.scan import scan
from modules.data.source import images_and_labels
from modules.recipe import Data
from tests.modules.data.made import fill


@pytest.fixture
def root(tmp_path):
    return fill(tmp_path / "pets")


@pytest.fixture
def looked(monkeypatch):
    """The numbers of the files that were looked at."""
    numbers, look = [], module._look

    def watched(content, number):
        numbers.append(number)
        return look(content, number)

    monkeypatch.setattr(module, "_look", watched)
    return numbers


def facts(root):
    images_and_labels.cache_clear()
    return data_facts(Data(name="folder", path=str(root)))


def test_files_are_looked_at_once_in_a_process_and_once_on_disk(root, looked):
    first = facts(root)
    assert sorted(looked) == list(range(40))
    data_facts(Data(name="folder", path=str(root), image_size=16))
    assert facts(root) == first
    assert len(looked) == 40


@pytest.mark.parametrize("change", ["mtime", "size", "name"])
def test_files_are_looked_at_again_when_one_has_changed(root, looked, change):
    before = facts(root)
    path = root / "cat" / "000.png"
    if change == "name":
        path.rename(root / "cat" / "0000.png")
    elif change == "size":
        path.write_bytes(path.read_bytes() + b"x")
    else:
        os.utime(path, ns=(1, 1))
    assert (facts(root).checksum == before.checksum) == (change != "size")
    assert len(looked) == 80


def test_what_is_kept_lies_in_the_home_and_nothing_half_written(root, own_home):
    facts(root)
    assert folder() == own_home / "cache"
    (kept,) = folder().iterdir()
    assert len(json.loads(kept.read_text())) == 40


@pytest.mark.parametrize("content", ["", "[[1", "{}", "[]", "null"])
def test_what_cannot_be_read_again_is_found_again(root, looked, content):
    first = facts(root)
    (kept,) = folder().iterdir()
    kept.write_text(content)
    assert facts(root) == first
    assert len(looked) == 80
    assert len(json.loads(kept.read_text())) == 40


def test_a_home_that_cannot_be_written_stops_nobody(root, own_home, looked):
    own_home.write_text("a file where a folder should be")
    assert facts(root) == facts(root)
    assert len(looked) == 80


def test_a_kill_in_the_middle_leaves_nothing(monkeypatch):
    def killed(tree, file):
        file.write("[1, 2")
        raise KeyboardInterrupt

    monkeypatch.setattr("modules.data.cache.json.dump", killed)
    with pytest.raises(KeyboardInterrupt):
        keep("key", [1, 2, 3])
    assert list(folder().iterdir()) == []
    assert recall("key") is None


def test_a_fault_of_one_file_does_not_hide_the_others():
    def content(number):
        if number == 1:
            raise PermissionError(13, "Permission denied")
        return b"no image"

    assert [one.fault for one in scan("key", 3, content)] == [
        "is not an image", "cannot be read, Permission denied", "is not an image",
    ]  # fmt: skip
