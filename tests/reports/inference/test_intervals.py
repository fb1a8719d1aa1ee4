import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from reports.inference.guard import NO_PRIOR, Prior
from reports.inference.intervals import Interval, half_width, paired_interval, seeds_to_settle, two_stage_interval
from reports.inference.sampling import stein_seeds

DIFFERENCES = [1.2, 0.4, 2.2, -0.3, 1.9]


def test_one_interval_is_scipys_paired_t():
    base = np.array([70.0, 71, 69, 75, 72])
    arm = base + np.array(DIFFERENCES)
    theirs = stats.ttest_rel(arm, base).confidence_interval(0.95)
    ours = paired_interval(arm - base)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize("family", [2, 7, 16])
def test_several_intervals_share_the_level_as_statsmodels_has_it(family):
    theirs = DescrStatsW(DIFFERENCES).tconfint_mean(alpha=0.05 / family)
    ours = paired_interval(DIFFERENCES, family)
    assert (ours.low, ours.high) == pytest.approx(theirs)


def test_all_intervals_hold_together_in_19_of_20_studies():
    random = np.random.default_rng(1)
    arms, studies, n = 5, 1500, 5
    truths = random.normal(0, 1, (studies, n, 1)) + random.normal(0, 1, (studies, n, arms))  # one baseline for all
    wrong = sum(
        any(not i.low <= 0 <= i.high for i in (paired_interval(study[:, arm], arms) for arm in range(arms)))
        for study in truths
    )
    assert wrong / studies < 0.06


@pytest.mark.parametrize("differences", [[], [1.0], [1.0, 2.0], [1.5, 1.5, 1.5, 1.5]])
def test_too_few_or_identical_differences_are_not_tested(differences):
    interval = paired_interval(differences)
    assert not interval.tested
    assert interval.n == len(differences)
    assert math.isnan(interval.half)


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=20), st.integers(1, 20))
def test_mirrored_differences_mirror_the_interval(differences, family):
    one, other = paired_interval(differences, family), paired_interval([-d for d in differences], family)
    assert one.tested == other.tested
    if one.tested:
        assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
        assert one.low <= one.mean <= one.high


@pytest.mark.parametrize(("mean", "sd"), [(0.5, 1.0), (0.0, 2.0), (0.95, 0.4), (-0.4, 3.0)])
def test_seeds_that_would_settle_it_are_the_fewest_that_do(mean, sd):
    needed = seeds_to_settle(Interval(5, mean, sd, mean - 9, mean + 9, 0.05 / 7), margin=1.0)

    def decided(n):
        half = half_width(sd, n, 0.05 / 7)
        return half < abs(mean) or (abs(mean) + half < 1.0)

    assert decided(needed)
    assert not decided(needed - 1)


def test_more_seeds_than_anybody_has_are_not_counted():
    assert seeds_to_settle(Interval(5, 0.0, 100.0, -9, 9), margin=0.1) is None


def test_a_guarded_arm_needs_the_seeds_that_guarded_intervals_need():
    guard = Prior(4.0, 9.0)
    interval = Interval(3, 2.0, 0.5, -7, 9, 0.05 / 8, guard)
    needed = seeds_to_settle(interval, margin=1.0)
    assert half_width(0.5, needed, 0.05 / 8, guard) < 2.0 <= half_width(0.5, needed - 1, 0.05 / 8, guard)
    assert needed > seeds_to_settle(interval._replace(prior=NO_PRIOR), margin=1.0)


def test_in_two_stages_more_seeds_are_needed_than_there_are():
    """The spread stays that of the first ones, and so do its degrees of freedom."""
    differences = np.random.default_rng(2).normal(0.8, 2, 12)
    found = two_stage_interval(differences, 4, 0.05)
    assert seeds_to_settle(found, margin=1.0) > 12


def test_without_more_seeds_the_two_stage_interval_is_the_plain_one():
    assert two_stage_interval(DIFFERENCES, 5, 0.01)[:5] == pytest.approx(paired_interval(DIFFERENCES, 5)[:5])


def test_steins_interval_holds_although_the_spread_chose_the_number_of_seeds():
    """Stein (1945): exact whatever the variance, while t with the spread of all of them is not."""
    random = np.random.default_rng(5)
    missed, too_wide, studies, wanted = 0, 0, 3000, 0.8
    for _ in range(studies):
        first = random.normal(0, 1, 4)
        n = stein_seeds(4, float(first.std(ddof=1)), wanted, 0.05, most=10_000)
        found = two_stage_interval([*first, *random.normal(0, 1, n - 4)], 4, 0.05)
        missed += not found.low <= 0 <= found.high
        too_wide += found.half > wanted + 1e-9
    assert too_wide == 0
    assert missed / studies < 0.06
