import pytest

from ablations import lectures, loading
from ablations.lectures import chosen_ablations, shipped_lectures


@pytest.fixture(autouse=True)
def shipped(tmp_path, monkeypatch):
    """Specs of made-up lectures in place of those that ship."""
    monkeypatch.setattr(loading, "SHIPPED", tmp_path)
    for name in ("lecture-10", "lecture-2", "lecture-6-upsampling", "lecture-6", "lectures", "dropout"):
        (tmp_path / f"{name}.yaml").touch()


def test_lectures_come_by_number_and_what_belongs_to_one_stands_together():
    assert [one.number for one in shipped_lectures()] == [2, 6, 10]
    assert shipped_lectures()[1].ablations == ("lecture-6", "lecture-6-upsampling")


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ([], ("lecture-2", "lecture-6", "lecture-6-upsampling", "lecture-10")),
        (["10", "lecture-6"], ("lecture-6", "lecture-6-upsampling", "lecture-10")),
        (["lecture-6-upsampling"], ("lecture-6-upsampling",)),
    ],
)
def test_a_lecture_is_chosen_by_its_number_or_name_and_so_is_one_of_its_ablations(names, chosen):
    assert chosen_ablations(names) == chosen


def test_another_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="there is no lecture 'lecture-5'; did you mean lecture-"):
        chosen_ablations(["lecture-5"])


def test_without_lectures_there_are_none(monkeypatch):
    monkeypatch.setattr(lectures, "shipped_specs", dict)
    assert shipped_lectures() == ()
