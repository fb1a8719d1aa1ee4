import json

import pytest

from ablations import FACTORS, shipped_specs
from ablations.catalog import catalog, factor_card, named
from ablations.references import split
from modules.catalog import MODELS


def test_everything_there_is_stands_in_it_once_and_is_json():
    listed = json.loads(json.dumps(catalog()))
    names = {kind: [one["name"] for one in ones] for kind, ones in listed.items()}
    assert names == {"ablations": list(shipped_specs()), "factors": list(FACTORS), "models": list(MODELS)}


@pytest.mark.parametrize("factor", FACTORS)
def test_a_factors_card_says_every_setting_with_what_it_takes_and_why(factor):
    card = factor_card(factor)
    assert card["settings"].keys() == FACTORS[factor].model_fields.keys()
    for setting in card["settings"].values():
        assert setting["takes"] and setting["about"]
    assert (card["source"], card["expect"], card["pitfall"]) == (
        FACTORS[factor].source, FACTORS[factor].expect, FACTORS[factor].pitfall,
    )  # fmt: skip


@pytest.mark.parametrize("factor", FACTORS)
def test_a_factors_card_has_the_entries_that_it_cites(factor):
    card = factor_card(factor)
    assert tuple(card["cites"]) == FACTORS[factor].cites
    assert tuple(split(card["bibtex"])) == FACTORS[factor].cites


@pytest.mark.parametrize("factor", FACTORS)
def test_its_defaults_read_back_as_the_default_level(factor):
    kind = FACTORS[factor]
    defaults = {name: setting["default"] for name, setting in factor_card(factor)["settings"].items()}
    assert kind.model_validate_json(json.dumps(defaults)).settings() == kind.model_validate({}).settings()


def test_a_docstring_is_told_whole_its_first_paragraph_apart():
    card = factor_card("weight_decay")
    words = " ".join([card["about"], *card["details"]]).split()
    assert words == (FACTORS["weight_decay"].__doc__ or "").split()
    assert "\n" not in card["about"]


def test_a_factor_and_an_ablation_of_one_name_are_both_found():
    found = named("dropout")
    assert [len(found[kind]) for kind in ("factors", "ablations", "models")] == [1, 1, 0]


@pytest.mark.parametrize(("name", "meant"), [("droput", "dropout"), ("remedes", "remedies"), ("lenet", "lenet5")])
def test_a_name_that_is_not_known_is_answered_with_the_nearest(name, meant):
    with pytest.raises(ValueError, match=rf"no factor, ablation or model {name!r}; did you mean .*{meant}"):
        named(name)
