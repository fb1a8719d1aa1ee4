import re

import pytest

from ablations.catalog import catalog, named
from reports.terminal.listing import WIDTH, listing, whole


def test_everything_there_is_has_its_line():
    listed = catalog()
    lines = listing(listed).splitlines()
    for kind in ("ablations", "factors", "models"):
        for one in listed[kind]:
            assert [line for line in lines if line.startswith(f"  {one['name']} ")]


def test_a_factors_whole_card_can_be_read():
    listed = catalog()
    for card in listed["factors"]:
        told = whole({"factors": [card], "ablations": [], "models": []})
        words = " ".join(told.split())
        for text in (card["about"], *card["details"], card["source"], card["expect"], card["pitfall"]):
            assert " ".join(text.split()) in words
        for name, setting in card["settings"].items():
            assert re.search(rf"^  {name}: ", told, re.MULTILINE)
            assert " ".join(f"Takes {setting['takes']}. {setting['about']}".split()) in words
        assert told.endswith(card["bibtex"])
        assert max(map(len, told.splitlines())) <= WIDTH


def test_an_ablation_is_told_as_it_is_written():
    told = whole(named("remedies"))
    for part in (
        "Which remedy closes the gap",
        "data: {name: digits, train_size: 200",
        "- {scheme: zeros}",
        "margin: 1.0",
    ):
        assert part in told


def test_a_model_is_told_with_its_counts():
    told = whole(named("lenet5"))
    assert "10 classes, 1 x 32 x 32: 61,706 parameters, 416,520 MACs" in told
    assert "LeCun et al. 1998" in told


@pytest.mark.parametrize("name", ["dropout", "init"])
def test_of_one_name_the_factor_comes_first_then_the_ablation(name):
    told = whole(named(name))
    assert told.index(f"{name}, a factor") < told.index(f"{name}, a shipped ablation")
