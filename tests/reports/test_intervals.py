import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from reports.intervals import Interval, half_width, paired_interval, seeds_to_settle

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
    needed = seeds_to_settle(Interval(5, mean, sd, mean - 9, mean + 9), margin=1.0, family=7)

    def decided(n):
        half = half_width(sd, n, 7)
        return half < abs(mean) or (abs(mean) + half < 1.0)

    assert decided(needed)
    assert not decided(needed - 1)


def test_more_seeds_than_anybody_has_are_not_counted():
    assert seeds_to_settle(Interval(5, 0.0, 100.0, -9, 9), margin=0.1, family=7) is None
