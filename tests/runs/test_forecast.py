from dataclasses import replace

import pytest

from ablations.arms import Arm
from ablations.factors.ensemble import DeepEnsemble
from ablations.factors.sam import Sam
from modules.trial import training_seconds
from runs.forecast import forecasts
from runs.records import make_record


def forecast(missing, done, slots):
    return forecasts([missing], done, slots)[0]


def recorded(run, seconds):
    return make_record(run, "small", 1, "finished", 0.0) | {"ended": seconds}


def test_an_arm_takes_what_it_took_and_a_new_one_what_the_others_took(plan):
    baseline, dropout = plan.runs[:2]
    done = [recorded(baseline, 2.0), recorded(dropout, 4.0)]
    assert forecast(plan.runs[4:6], done, slots=1) == pytest.approx(6.0)
    assert forecast(plan.runs[6:7], done, slots=1) == pytest.approx(3.0)
    assert forecast(plan.runs[4:6], done, slots=2) == pytest.approx(3.0)
    assert forecast([], done, slots=2) == 0


def test_a_new_arm_is_expected_to_take_as_long_as_there_is_more_to_train(plan):
    done = [recorded(plan.runs[0], 2.0)]
    more = [Sam(), DeepEnsemble(members=4)]
    runs = [replace(plan.runs[1], planned=replace(plan.runs[1].planned, arm=Arm(edit.factor, (edit,)),
                                                  recipe=edit.apply(plan.runs[0].recipe))) for edit in more]  # fmt: skip
    assert forecast(runs[:1], done, slots=1) == pytest.approx(4.0)
    assert forecast(runs[1:], done, slots=1) == pytest.approx(8.0)


def test_without_any_record_a_short_trial_answers(plan):
    assert forecast(plan.runs, [], slots=1) > 0


def test_the_trial_grows_with_the_work(plan):
    recipe = plan.runs[0].recipe
    longer = recipe.model_copy(update={"trainer": recipe.trainer.model_copy(update={"epochs": 2000})})
    assert training_seconds(longer) > 10 * training_seconds(recipe)
