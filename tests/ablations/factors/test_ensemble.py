import re

import pytest

from ablations.arms import Arm
from ablations.difference import difference
from ablations.factors.ensemble import DeepEnsemble
from modules.build import recipe_anatomy, recipe_macs
from modules.recipe import Recipe
from modules.settings import Ensemble


def test_members_are_trained_on_all_images():
    for baseline in (Recipe(), Recipe(ensemble=Ensemble(members=3, bootstrap=True))):
        assert DeepEnsemble(members=3).apply(baseline).ensemble == Ensemble(members=3, bootstrap=False)


def test_the_proof_counts_the_parameters_of_all_members():
    arm = Arm("ensemble", (DeepEnsemble(members=3),))
    shown = difference(arm, Recipe(), lambda recipe: recipe_anatomy(recipe, 0))
    assert shown[0] == "ensemble.members: 1 -> 3"
    assert shown[-1] == f"+{2 * 61_706:,} parameters"
    assert recipe_macs(arm.recipe(Recipe())) == 3 * recipe_macs(Recipe())


@pytest.mark.parametrize(
    ("level", "message"),
    [
        ("{members: 0}", r"factors\.ensemble\.members: must be at least 1, not 0"),
        ("{members: 101}", r"factors\.ensemble\.members: must be at most 100, not 101"),
        ("{bootstrap: true}", r"factors\.ensemble\.bootstrap: unknown key; known: members"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(level, message, refusal):
    assert re.search(message, refusal("ensemble", level))
