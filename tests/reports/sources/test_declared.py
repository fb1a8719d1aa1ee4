import pytest

from ablations.document import SpecError
from ablations.seeds import Looks, Stein
from ablations.spec import Claim
from reports.sources.declared import Declared, declare


def test_nothing_declared_is_what_a_spec_would_take():
    assert declare([]) == Declared()
    assert declare([]).margin == 1.0
    assert declare([]).rule is None


def test_values_are_read_as_those_of_a_spec():
    found = declare(["margin=0.5", "question=Does it help?", "claims=[{arm: a, direction: higher}]", "chance=10"])
    assert (found.margin, found.question, found.chance) == (0.5, "Does it help?", 10)
    assert found.claims == (Claim(arm="a", direction="higher"),)


def test_a_rule_of_seeds_is_declared_as_in_a_spec():
    assert declare(["seeds={looks: [5, 10, 20]}"]).rule == Looks(looks=(5, 10, 20))
    assert declare(["seeds={stein: 5}"]).rule == Stein(stein=5)


BAD = {
    "sedes=3": "unknown key; did you mean seeds?",
    "baseline.trainer.epochs=3": "baseline: unknown key; known: chance, claims, margin, question, score, seeds",
    "margin=0": "margin: must be above 0, not 0",
    "margin=.inf": "margin: must be a finite number",
    "margin=half": "margin: must be a number, not 'half'",
    "chance=100": "chance: must be below 100",
    "seeds=5": "declare the rule that added them",
    "seeds={looks: [10, 5]}": "looks must rise",
    "seeds={loks: [5, 10]}": "unknown key; did you mean looks?",
    "claims=[{arm: a, direction: lowr}]": "there is no choice 'lowr'; did you mean lower?",
    "claims=[{arm: a, direction: lower, sorce: x}]": "unknown key; did you mean source",
    "question=[a": "the value does not read as YAML",
    "=3": "an override reads key=value",
}


@pytest.mark.parametrize(("override", "message"), BAD.items(), ids=BAD)
def test_a_bad_override_is_named_with_the_rule(override, message):
    with pytest.raises(SpecError) as error:
        declare([override])
    assert message in str(error.value)
    assert repr(override) in str(error.value)
    assert "\n" not in str(error.value)
