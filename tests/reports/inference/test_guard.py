import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq
from scipy.special import polygamma

from reports.inference.guard import CAP, NO_PRIOR, Prior, inverse_trigamma, prior_df, prior_of
from reports.inference.intervals import paired_interval


@pytest.mark.parametrize("value", [1e-4, 0.02, 0.5, 1.0, 3.0, 40.0, 1e5])
def test_the_inverse_of_trigamma_is_the_root_that_scipy_finds(value):
    root = brentq(lambda x: float(polygamma(1, x)) - value, 1e-6, 1e6, xtol=1e-14, rtol=1e-14)
    assert inverse_trigamma(value) == pytest.approx(root, rel=1e-6)


@pytest.mark.parametrize("true", [2.0, 4.0, 10.0])
def test_the_prior_degrees_of_freedom_of_scaled_f_variances_are_found_again(true):
    """Smyth's model: variances are s0^2 times F with (n - 1, d0) degrees of freedom."""
    variances = 3.0 * stats.f.rvs(5, true, size=20_000, random_state=1)
    assert prior_df(variances, np.full(20_000, 5.0)) == pytest.approx(true, rel=0.08)


def test_variances_that_differ_by_chance_alone_have_infinite_prior_degrees_of_freedom_which_are_capped():
    alike = [np.array([-1.0, 0.0, 1.0]) + shift for shift in range(6)]
    assert prior_of(alike) == Prior(CAP, 1.0)


def test_the_guarded_interval_is_that_of_the_formula_written_out():
    arms = np.random.default_rng(3).normal(0, [[0.5], [0.6], [1], [2], [0.7], [0.4], [0.9], [5]], (8, 5))
    prior = prior_of(list(arms))
    variances = arms.var(axis=1, ddof=1)
    assert 0 < prior.df <= 4
    assert prior.variance == pytest.approx(variances.mean())
    for arm, own in zip(arms, variances, strict=True):
        df = prior.df + 4
        used = max(own, (prior.df * variances.mean() + 4 * own) / df)
        half = stats.t.ppf(1 - 0.025 / 8, df) * math.sqrt(used / 5)
        found = paired_interval(arm, 8, prior=prior)
        assert (found.low, found.high) == pytest.approx((arm.mean() - half, arm.mean() + half))


@pytest.mark.parametrize(("arms", "seeds"), [(4, 5), (8, 2), (8, 9), (8, 40)])
def test_few_arms_few_seeds_and_many_seeds_are_left_to_plain_t(arms, seeds):
    values = list(np.random.default_rng(0).normal(size=(arms, seeds)))
    assert prior_of(values) == NO_PRIOR
    assert Prior(4.0, 9.0).at(seeds) == (Prior(4.0, 9.0) if 3 <= seeds <= 8 else NO_PRIOR)


def test_arms_that_the_seed_does_not_change_lend_nothing():
    values = [np.random.default_rng(i).normal(size=5) for i in range(5)]
    assert prior_of([*values, np.full(5, 2.0)]) == prior_of(values)


@given(st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=8), min_size=5, max_size=12))
def test_no_arm_counts_as_steadier_than_it_was_seen(arms):
    prior = prior_of(arms)
    for arm in arms:
        own = float(np.std(arm, ddof=1))
        assert prior.guarded(own, len(arm)) >= own * (1 - 1e-12)
