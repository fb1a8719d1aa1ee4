from ablations.factors.standardization import Standardization
from modules.recipe import Data, Recipe


def test_off_it_says_nothing_and_else_what_images_are():
    assert Standardization.null().told() == {}
    assert Standardization(standardize=True).told() == {"images": "standardised"}
    assert Standardization(standardize=False).told() == {"images": "raw pixels"}


def test_it_can_be_switched_either_way():
    raw = Recipe(data=Data(standardize=False))
    assert Standardization(standardize=False).apply(Recipe()) == raw
    assert Standardization(standardize=True).apply(raw) == Recipe()
    assert Standardization.null().apply(raw) == raw


def test_the_proof_shows_that_nothing_else_changes(proved):
    assert proved(Standardization(standardize=False), "lenet5") == [
        "data.standardize: True -> False", "initial weights equal", "parameters equal",
    ]  # fmt: skip
