import pytest

from ablations.edit import Conflict, apply_all
from ablations.factors.bagging import Bagging
from ablations.factors.ensemble import DeepEnsemble
from modules.recipe import Recipe
from modules.settings import Ensemble


def test_members_are_trained_on_resamples():
    assert Bagging(members=3).apply(Recipe()).ensemble == Ensemble(members=3, bootstrap=True)


def test_one_member_is_the_baseline_on_all_images():
    assert Bagging(members=1).apply(Recipe()) == Recipe()


@pytest.mark.parametrize("edits", [(Bagging(), DeepEnsemble()), (DeepEnsemble(), Bagging())], ids=repr)
def test_an_arm_is_of_one_kind_of_ensemble(edits):
    with pytest.raises(Conflict, match=r"both change ensemble\.bootstrap; keep one of them in an arm"):
        apply_all(edits, Recipe())


def test_the_proof_shows_both_fields(proved):
    assert proved(Bagging(members=3), "lenet5")[:2] == [
        "ensemble.bootstrap: False -> True", "ensemble.members: 1 -> 3",
    ]  # fmt: skip
