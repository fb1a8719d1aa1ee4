import pytest
from pydantic import ValidationError

from ablations.claims import Claim, unknown_part
from ablations.measures import find_measure
from ablations.spec import Spec

SPEC = {"name": "a", "factors": {"dropout": {}, "batchnorm": {}}, "models": ["lenet5", "mlp"]}


def spec(**claim):
    return Spec.model_validate({**SPEC, "claims": [claim]})


def complaint(**claim):
    with pytest.raises(ValidationError) as error:
        spec(**claim)
    return error.value.errors()[0]["msg"]


def test_an_old_claim_is_judged_by_the_main_table():
    claim = Claim(arm="dropout", measure="gap", direction="lower", source="somebody")
    assert (claim.than, claim.by_the_table) == ("baseline", True)


@pytest.mark.parametrize("more", [{"than": 90}, {"than": "batchnorm"}, {"measure": "epochs"}])
def test_a_claim_on_something_else_is_not(more):
    assert not Claim(arm="dropout", direction="lower", **more).by_the_table


def test_the_baseline_may_be_held_against_a_level_or_another_arm():
    assert spec(arm="baseline", than=90, direction="higher").claims[0].than == 90
    assert spec(arm="baseline", than="dropout", direction="higher")


BAD = {
    "direction": ({"arm": "dropout"}, "a claim needs `arm` and `direction`, or else `check`; add `direction`"),
    "arm": ({"direction": "lower"}, "add `arm`"),
    "measure": ({"arm": "dropout", "direction": "lower", "measure": "test_acuracy"}, "did you mean test_accuracy"),
    "than": ({"arm": "dropout", "direction": "lower", "than": "bathnorm"}, "there is no arm 'bathnorm'; did you mean batchnorm?"),
    "than itself": ({"arm": "dropout", "direction": "lower", "than": "dropout"}, "compared with itself"),
    "than true": ({"arm": "dropout", "direction": "lower", "than": True}, "the name of an arm, or a number"),
    "than nothing": ({"arm": "dropout", "direction": "lower", "measure": "macs", "than": 0}, "must be above 0, not 0"),
    "baseline": ({"arm": "baseline", "direction": "lower"}, "there is no arm 'baseline'"),
    "model": ({"arm": "dropout", "direction": "lower", "model": "lenet"}, "there is no model 'lenet'; did you mean lenet5?"),
    "check": ({"check": "xor_two_layer"}, "did you mean xor_two_layers"),
    "check and arm": ({"check": "xor_two_layers", "arm": "dropout"}, "leave out `arm`, or `check`"),
    "within": (
        {"arm": "dropout", "direction": "lower", "within": 0.1},
        "`within` says how much is the same, and judges no `lower`; leave it out",
    ),
    "same seconds": (
        {"arm": "dropout", "direction": "same", "measure": "seconds"},
        "`same` needs the largest difference that is the same, as a share; add `within: 0.1`",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("claim", "message"), BAD.values(), ids=BAD)
def test_a_bad_claim_is_refused_with_the_cure(claim, message):
    assert message in complaint(**claim)


def test_what_is_counted_may_be_the_same_without_a_margin():
    assert spec(arm="dropout", direction="same", measure="parameters")


def test_a_check_alone_is_a_claim():
    claim = spec(check="xor_two_layers", says="Two layers can", korean="다층").claims[0]
    assert unknown_part(claim, [], []) is None


def test_a_spec_with_claims_reads_back_as_it_is():
    given = spec(arm="dropout", than=90.5, direction="same", measure="test_loss", within=0.1, model="mlp", says="s")
    assert Spec.model_validate(given.resolved()) == given


def test_a_measure_of_a_member_is_known_by_its_number():
    found = find_measure("member_3_test_loss")
    assert found is not None and found.named("accuracy") == "test loss of member 3"
    assert find_measure("member_x_test_loss") is None


def test_a_measure_takes_the_name_of_the_score():
    assert find_measure("val_accuracy").named("mean IoU") == "validation mean IoU"
