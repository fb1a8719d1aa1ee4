import math

import pytest
from scipy import stats

from reports.inference.effects import EFFECT_COLUMNS, effects, effects_frame


def of(study, arm, model="lenet5"):
    return next(e for e in effects(study) if (e.arm, e.model) == (arm, model))


def test_an_effect_is_the_mean_paired_difference_with_its_simultaneous_interval(study):
    wide = study.runs.pivot(index="seed", columns="arm", values="test_accuracy")
    theirs = stats.ttest_rel(wide["dropout"], wide["baseline"]).confidence_interval(
        1 - 0.05 / 3
    )  # three arms but the sham
    found = of(study, "dropout")
    assert found.accuracy.mean == pytest.approx((wide["dropout"] - wide["baseline"]).mean())
    assert (found.accuracy.low, found.accuracy.high) == pytest.approx((theirs.low, theirs.high))
    assert found.better == 10


def test_planted_effects_are_found_and_planted_nulls_are_not(study):
    verdicts = {e.arm: (e.verdict, e.gap_verdict) for e in effects(study)}
    assert verdicts["dropout"] == ("helps", "shrinks")
    assert verdicts["init zeros"] == ("hurts", "shrinks")
    assert of(study, "init zeros").summary.startswith("closes the gap by underfitting")
    for null in ("weight_decay", "sham"):
        assert set(verdicts[null]) <= {"undecided", "no effect larger than the margin", "unchanged"}


def test_arms_come_by_estimate_and_the_sham_last(study):
    assert [e.arm for e in effects(study)] == ["dropout", "weight_decay", "init zeros", "sham"]


def test_the_order_of_rows_does_not_matter(study, studies):
    shuffled = studies.study(study.runs.sample(frac=1, random_state=0))
    one, other = (effects_frame(effects(s)).set_index("arm").loc["dropout"] for s in (study, shuffled))
    assert one["effect"] == pytest.approx(other["effect"])
    assert one["low"] == pytest.approx(other["low"])


def test_every_model_has_its_rows_and_all_of_them_are_one_family(studies):
    study = studies.study(studies.runs(models=("a", "b", "c")))
    assert study.family == 9
    frame = effects_frame(effects(study))
    assert list(frame.columns) == EFFECT_COLUMNS
    assert list(frame["model"]) == ["a"] * 4 + ["b"] * 4 + ["c"] * 4


def test_only_seeds_that_both_have_are_paired(study, studies):
    runs = study.runs.copy()
    runs.loc[(runs["arm"] == "baseline") & (runs["seed"] == 3), "status"] = "failed"
    runs.loc[(runs["arm"] == "dropout") & (runs["seed"] == 5), "status"] = "missing"
    assert of(studies.study(runs), "dropout").accuracy.n == 8
    assert of(studies.study(runs), "sham").accuracy.n == 9


def test_a_diverged_run_counts_with_its_last_finite_numbers(study, studies):
    runs = study.runs.copy()
    runs.loc[(runs["arm"] == "dropout") & (runs["seed"] == 3), "status"] = "diverged"
    found = of(studies.study(runs), "dropout")
    assert found.accuracy.n == 10
    assert found.summary.endswith("unstable: 1 of 10 runs collapsed")


@pytest.mark.parametrize("seeds", [1, 2])
def test_below_three_seeds_nothing_is_tested(seeds, studies):
    found = of(studies.study(studies.runs(seeds=seeds)), "dropout")
    assert (found.verdict, found.gap_verdict) == ("not tested", "not tested")
    assert found.accuracy.n == seeds
    assert not math.isnan(found.accuracy.mean)


def test_a_seed_that_changes_nothing_is_not_tested(studies):
    found = of(studies.study(studies.runs(spread=0.0)), "dropout")
    assert found.verdict == "not tested"
    assert "check seeding" in found.detail
