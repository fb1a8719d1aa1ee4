import pytest

from modules.data.parts import located, ready_parts


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["train", "test"], {"train": "train", "test": "test"}),
        (["Training", "Testing", "dev"], {"Training": "train", "Testing": "test", "dev": "val"}),
        (["train", "valid"], {"train": "train", "valid": "test"}),
        (["train", "test", "extra"], {"train": "train", "test": "test"}),
        (["train"], {}),
        (["test", "val"], {}),
        (["cat", "dog"], {}),
        ([], {}),
    ],
)
def test_parts_come_under_many_names(names, parts):
    assert ready_parts(names) == parts


def test_images_are_counted_through_the_parts():
    parts = {"train": "abc", "val": "", "test": "de"}
    assert [located(parts, index) for index in range(5)] == [
        ("train", 0), ("train", 1), ("train", 2), ("test", 0), ("test", 1),
    ]  # fmt: skip
    with pytest.raises(IndexError):
        located(parts, 5)
