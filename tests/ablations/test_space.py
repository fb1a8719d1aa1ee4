import pytest

from ablations import Spec, load_spec, shipped_specs
from ablations.difference import Undeclared, tuned_difference
from ablations.space import leveled, own_settings, space_of, tuned_recipe
from ablations.tune import Range

TUNE = {
    "search": {
        "optimizer.lr": {"low": 0.001, "high": 0.3, "log": True},
        "optimizer.momentum": {"low": 0.0, "high": 0.95},
        "dropout.p": {"low": 0.1, "high": 0.7},
        "trainer.batch_size": [16, 32],
    }
}
FACTORS = {"dropout": {"p": 0.5}, "optimizer": {"name": "adam", "lr": 0.001}, "weight_decay": {"strength": 0.01}}


def spec(**changes):
    return Spec.model_validate({"name": "a", "factors": FACTORS, "tune": TUNE, **changes})


def arm(spec, name):
    return next(arm for arm in spec.arms if arm.name == name)


def spaces(spec):
    return {arm.name: space_of(arm, spec.baseline, spec.tune) for arm in spec.arms}


def test_a_path_of_the_recipe_is_searched_in_every_arm_that_has_it_and_a_setting_of_a_factor_where_it_is_on():
    found = {name: list(space) for name, space in spaces(spec()).items()}
    both = ["optimizer.lr", "optimizer.momentum", "trainer.batch_size"]
    assert found == {
        "baseline": both,
        "dropout": ["dropout.p", *both],
        "optimizer": ["optimizer.lr", "trainer.batch_size"],  # Adam has no momentum
        "weight_decay": both,
        "sham": [],
    }


def test_the_search_wins_over_the_level_that_sets_the_same():
    one = spec()
    optimizer = arm(one, "optimizer")
    tuned = tuned_recipe(optimizer, one.baseline, {"optimizer.lr": 0.03})
    assert tuned.optimizer.lr == 0.03
    assert tuned.optimizer.name == "adam"
    assert leveled(optimizer, {"optimizer.lr": 0.03}).level == "adam, lr=0.03"


def test_a_path_wins_over_a_level_that_goes_by_another_name():
    one = spec()
    tuned = tuned_recipe(arm(one, "weight_decay"), one.baseline, {"optimizer.weight_decay": 0.2})
    assert tuned.optimizer.weight_decay == 0.2


def test_with_all_factors_on_in_the_baseline_each_arm_is_searched_in_those_it_has():
    one = spec(design="leave_one_out")
    found = spaces(one)
    assert "dropout.p" in found["baseline"]
    assert "dropout.p" not in found["without dropout"]
    assert "dropout.p" in found["without optimizer"]
    assert found["sham"] == {}
    assert leveled(arm(one, "without optimizer"), {"dropout.p": 0.3}).factor == "optimizer"


def test_whole_numbers_stay_whole_and_others_do_not_become_so():
    tune = {"search": {"trainer.batch_size": {"low": 8, "high": 64}, "dropout.p": {"low": 0.1, "high": 0.5},
                       "regularization.sam": {"low": 0, "high": 1}}}  # fmt: skip
    found = spaces(spec(tune=tune))["dropout"]
    kinds = {key: (type(space.low), type(space.high)) for key, space in found.items()}
    assert kinds == {
        "trainer.batch_size": (int, int),
        "dropout.p": (float, float),
        "regularization.sam": (float, float),
    }
    assert found["dropout.p"] == Range(low=0.1, high=0.5)


@pytest.mark.parametrize("name", shipped_specs())
def test_an_arm_with_its_own_settings_is_the_arm_as_it_was(name):
    one = load_spec(name)
    for each in one.arms:
        own = own_settings(each, one.baseline)
        assert own
        for key, value in own.items():
            assert tuned_recipe(each, one.baseline, {key: value}) == each.recipe(one.baseline), key


def test_surgeries_stay_when_a_path_of_the_recipe_is_set():
    one = spec()
    tuned = tuned_recipe(arm(one, "dropout"), one.baseline, {"trainer.batch_size": 16, "dropout.p": 0.25})
    assert [surgery.p for surgery in tuned.model.surgeries] == [0.25]
    assert tuned.trainer.batch_size == 16


def stock(recipe):
    from modules.build import recipe_anatomy

    return recipe_anatomy(recipe, 0)


def told(one, name, settings, baseline, searched):
    dropout, plain = arm(one, name), one.baseline
    tuned = tuned_recipe(dropout, plain, settings)
    reference = tuned_recipe(arm(one, "baseline"), plain, baseline)
    return tuned_difference(leveled(dropout, settings), plain, tuned, reference, searched, stock)


def test_what_was_tuned_is_part_of_the_proved_difference():
    found = told(spec(), "dropout", {"optimizer.lr": 0.05, "dropout.p": 0.25}, {"optimizer.lr": 0.1}, {"optimizer.lr"})
    assert found == [
        "model.surgeries[dropout]", "optimizer.lr: 0.1 -> 0.05", "+2 Dropout modules", "initial weights equal",
        "parameters equal",
    ]  # fmt: skip


def test_a_difference_that_was_not_searched_is_refused():
    with pytest.raises(Undeclared, match=r"'dropout' also changes what was not searched: optimizer\.lr"):
        told(spec(), "dropout", {"optimizer.lr": 0.05}, {}, {"trainer.batch_size"})
