import numpy as np
import pytest
from scipy import stats

from reports.inference.architectures import overall
from reports.words.answer import answer

MODELS = ("a", "b", "c", "d")


@pytest.fixture
def study(studies):
    return studies.study(studies.runs(models=MODELS, seeds=10), claims=())


def differences(study, arm):
    """Arm less baseline, seeds x models."""
    wide = study.runs.pivot(index="seed", columns=["model", "arm"], values="test_accuracy")
    return np.array([wide[model, arm] - wide[model, "baseline"] for model in study.models]).T


def of(study, arm):
    return next(one for one in overall(study) if one.arm == arm)


def test_the_mean_within_each_seed_is_what_t_is_taken_of(study):
    theirs = stats.ttest_1samp(differences(study, "dropout").mean(axis=1), 0).confidence_interval(1 - 0.05 / 3)
    found = of(study, "dropout").accuracy
    assert (found.n, found.low, found.high) == (10, pytest.approx(theirs.low), pytest.approx(theirs.high))


def test_beyond_them_the_architectures_are_what_is_drawn(study):
    theirs = stats.ttest_1samp(differences(study, "dropout").mean(axis=0), 0).confidence_interval(1 - 0.05 / 3)
    found = of(study, "dropout").beyond
    assert (found.n, found.low, found.high) == (4, pytest.approx(theirs.low), pytest.approx(theirs.high))


def with_effects(studies, effects):
    """Dropout has another effect on each architecture."""
    runs = studies.runs(models=tuple(effects), seeds=10)
    chosen = runs["arm"] == "dropout"
    runs.loc[chosen, "test_accuracy"] += runs.loc[chosen, "model"].map(effects) - 8
    return studies.study(runs, claims=())


def test_an_effect_that_differs_between_architectures_is_claimed_of_these_alone(studies):
    found = of(with_effects(studies, {"a": 20.0, "b": 1.0, "c": 0.5}), "dropout")
    assert (found.verdict, found.reach) == ("helps", "these architectures")
    assert "a claim about these architectures)" in answer(with_effects(studies, {"a": 20.0, "b": 1.0, "c": 0.5}))[1]


def test_one_that_all_of_them_have_holds_beyond_them(study):
    assert of(study, "dropout").reach == "these architectures, and beyond them"
    assert of(study, "weight_decay").reach == ""


def test_the_answer_is_one_over_all_of_them_in_five_sentences(study):
    told = answer(study)
    assert len(told) <= 5
    assert "on average over 4 architectures" in told[0]
    assert "better on 4 of 4 architectures; a claim about these architectures, and beyond them" in told[1]


def test_a_seed_that_one_architecture_lacks_is_left_out(study, studies):
    runs = study.runs.copy()
    runs.loc[(runs["model"] == "b") & (runs["arm"] == "dropout") & (runs["seed"] == 3), "status"] = "failed"
    changed = studies.study(runs, claims=())
    assert of(changed, "dropout").accuracy.n == 9
    assert of(changed, "weight_decay").accuracy.n == 10


def test_arms_come_by_estimate_and_the_sham_last(study):
    assert [one.arm for one in overall(study)] == ["dropout", "weight_decay", "init zeros", "sham"]


def test_one_architecture_has_nothing_to_be_averaged_over(studies):
    assert overall(studies.study()) == ()


def test_a_clock_that_stood_still_leaves_no_ratio_of_times(studies):
    runs = studies.runs(models=MODELS, seeds=3)
    runs["seconds"] = 0.0
    assert np.isnan([one.time_ratio for one in overall(studies.study(runs, claims=()))]).all()
