"""Claims against scipy's intervals, and what is said where there is nothing to test."""

import numpy as np
import pytest
from scipy import stats

from ablations.claims import Claim
from ablations.seeds import Looks, Stein
from reports.inference.claims import EVERYWHERE, claim_family, exact_interval, judged_claims
from reports.inference.effects import effects
from reports.inference.intervals import two_stage_interval
from tests.reports.conftest import make_runs, make_study

RECORD = {
    "name": "xor_two_layers", "code": "c", "ended": 1.0, "says": "a fact", "measured": "4", "expected": "4",
    "holds": True, "reason": None,
}  # fmt: skip


def judged(claim, runs=None, **changes):
    return judged_claims(make_study(runs, claims=(claim,), **changes))


def by_seed(runs, arm, measure):
    return runs[runs["arm"] == arm].sort_values("seed")[measure].to_numpy(float)


def timed():
    runs = make_runs()
    runs["seconds"] = np.random.default_rng(3).uniform(1, 2, len(runs)) * np.where(runs["arm"] == "dropout", 3, 1)
    return runs


def test_an_old_claim_has_the_interval_of_the_main_table():
    study = make_study()
    effect = next(effect for effect in effects(study) if effect.arm == "dropout")
    (found,) = judged_claims(study)
    assert (found.effect, found.verdict) == (effect.gap, "supported")
    assert claim_family(study) == 0


@pytest.mark.parametrize(("than", "other"), [("weight_decay", "weight_decay"), (80.0, 80.0)])
def test_another_comparison_is_a_t_interval_over_seeds(than, other):
    runs = make_runs()
    base = by_seed(runs, other, "test_accuracy") if isinstance(other, str) else other
    differences = by_seed(runs, "dropout", "test_accuracy") - base
    expected = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    (found,) = judged(Claim(arm="dropout", than=than, direction="higher"), runs)
    assert (found.effect.low, found.effect.high) == pytest.approx(tuple(expected))
    assert found.verdict == "supported"


def test_the_level_is_shared_among_the_claims_that_need_a_test():
    claims = (
        Claim(arm="dropout", than=70, direction="higher"), Claim(arm="dropout", than="sham", direction="higher"),
        Claim(arm="dropout", direction="higher"), Claim(arm="dropout", measure="macs", direction="same"),
    )  # fmt: skip
    study = make_study(make_runs(models=("a", "b")), claims=claims)
    assert claim_family(study) == 4
    assert judged_claims(study)[0].effect.level == pytest.approx(0.05 / 4)


def test_times_are_compared_as_ratios_by_their_logarithms():
    runs = timed()
    logs = np.log(by_seed(runs, "dropout", "seconds") / by_seed(runs, "baseline", "seconds"))
    expected = np.exp(stats.ttest_1samp(logs, 0).confidence_interval(0.95))
    (found,) = judged(Claim(arm="dropout", measure="seconds", direction="higher"), runs)
    assert found.effect.mean == pytest.approx(np.exp(logs.mean()))
    assert (found.effect.low, found.effect.high) == pytest.approx(tuple(expected))


@pytest.mark.parametrize(("direction", "verdict"), [("lower", "supported"), ("higher", "refuted"), ("same", "refuted")])
def test_what_is_counted_is_exact(direction, verdict):
    runs = make_runs(seeds=2)
    runs.loc[runs["arm"] == "dropout", "parameters"] = 6170
    (found,) = judged(Claim(arm="dropout", measure="parameters", direction=direction), runs)
    assert found.effect.low == found.effect.mean == found.effect.high == pytest.approx(6170 / 61706)
    assert found.verdict == verdict


@pytest.mark.parametrize(("direction", "verdict"), [("lower", "refuted"), ("higher", "refuted"), ("same", "supported")])
def test_equal_counts_are_the_same_and_neither_lower_nor_higher(direction, verdict):
    (found,) = judged(Claim(arm="dropout", measure="macs", direction=direction))
    assert (found.effect.mean, found.verdict) == (1, verdict)


@pytest.mark.parametrize(("within", "verdict"), [(None, "undecided"), (5.0, "supported"), (0.01, "undecided")])
def test_the_same_is_within_what_is_declared_or_the_margin(within, verdict):
    claim = Claim(arm="weight_decay", than="sham", direction="same", within=within)
    (found,) = judged(claim, make_runs(spread=2.0))
    assert found.verdict == verdict


def test_far_apart_is_not_the_same():
    (found,) = judged(Claim(arm="init zeros", direction="same"))
    assert found.verdict == "refuted"


def test_two_seeds_test_nothing():
    (found,) = judged(Claim(arm="dropout", than=10, direction="higher"), make_runs(seeds=2))
    assert (found.effect.n, found.verdict) == (2, "not tested")


def test_a_claim_on_the_gap_is_told_over_all_models_and_on_each_unless_it_names_one():
    runs = make_runs(models=("a", "b"))
    claim = Claim(arm="dropout", measure="gap", direction="lower")
    assert [one.model for one in judged(claim, runs)] == [EVERYWHERE, "a", "b"]
    assert [one.model for one in judged(claim.model_copy(update={"model": "b"}), runs)] == ["b"]


def test_any_metric_of_the_records_can_be_compared():
    runs = make_runs().assign(checkerboard=np.arange(50) % 5)
    (found,) = judged(Claim(arm="sham", measure="checkerboard", than="baseline", direction="higher"), runs)
    assert found.effect.mean == 4


def test_a_measure_that_no_run_left_is_not_tested():
    (found,) = judged(Claim(arm="dropout", measure="unsteadiness", direction="lower"))
    assert (found.effect.n, found.verdict) == (0, "not tested")


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        (RECORD, "supported"), ({**RECORD, "holds": False}, "refuted"), (None, "not tested"),
        ({**RECORD, "holds": False, "reason": "OSError: no"}, "not tested"),
    ],
)  # fmt: skip
def test_a_check_is_judged_by_its_record(record, verdict):
    (found,) = judged(Claim(check="xor_two_layers"), checks={"xor_two_layers": record} if record else {})
    assert (found.verdict, found.check) == (verdict, record)


def test_counts_that_differ_between_seeds_show_their_range():
    found = exact_interval(np.array([1.0, 3.0]))
    assert (found.low, found.mean, found.high) == (1, 2, 3)


@pytest.mark.parametrize(("seeds", "verdict"), [(6, "supported"), (5, "not tested")])
def test_equal_differences_are_told_by_the_interval_of_the_median(seeds, verdict):
    assert (stats.quantile_test(np.full(seeds, -5.0), q=0).pvalue < 0.05) == (verdict == "supported")
    runs = make_runs(seeds=seeds).assign(test_accuracy=75.0)
    (found,) = judged(Claim(arm="baseline", than=80, direction="lower"), runs)
    assert (found.effect.mean, found.verdict) == (-5, verdict)


@pytest.mark.parametrize(("seeds", "verdict"), [(6, "supported"), (5, "not tested")])
def test_equal_differences_are_judged_alike_by_the_main_table(seeds, verdict):
    runs = make_runs({"baseline": (0.0, 0.0), "dropout": (8.0, 0.0)}, seeds=seeds)
    runs["test_accuracy"] = np.where(runs["arm"] == "dropout", 90.0, 85.0)
    claim = Claim(arm="dropout", direction="higher")
    (found,) = judged(claim, runs)
    assert claim.by_the_table
    assert (found.effect.mean, found.verdict) == (5, verdict)


def test_seeds_that_were_added_by_the_spread_are_judged_in_two_stages():
    runs, claims = make_runs(), (Claim(arm="dropout", than="sham", direction="higher"),) * 2
    differences = by_seed(runs, "dropout", "test_accuracy") - by_seed(runs, "sham", "test_accuracy")
    found, _ = judged_claims(make_study(runs, claims=claims, sampling=Stein(stein=4)))
    expected = two_stage_interval(differences, 4, 0.05 / 2)
    assert (found.effect.low, found.effect.high) == pytest.approx((expected.low, expected.high))
    assert found.effect.first == 4


def test_looks_share_the_level_too():
    claim = Claim(arm="dropout", than="sham", direction="higher")
    (found,) = judged(claim, sampling=Looks(looks=(5, 10)))
    assert found.effect.level == pytest.approx(0.05 / 2)


@pytest.mark.parametrize(("direction", "verdict"), [("same", "supported"), ("higher", "undecided")])
def test_no_difference_under_any_seed_is_the_same(direction, verdict):
    runs = make_runs().assign(test_accuracy=75.0)
    (found,) = judged(Claim(arm="dropout", than="sham", direction=direction), runs)
    assert found.verdict == verdict
