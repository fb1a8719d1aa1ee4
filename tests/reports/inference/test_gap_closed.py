import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reports.inference.gap_closed import UNKNOWN, gap_closed

BASE = np.array([30.0, 34, 28, 36, 31])
ARM = np.array([12.0, 15, 9, 17, 11])


def test_it_is_one_less_the_ratio_of_means():
    assert gap_closed(ARM, BASE, 0.05).share == pytest.approx(1 - ARM.mean() / BASE.mean())


def test_its_interval_is_that_of_the_delta_method_by_the_gradient():
    """The variance of a ratio of means from its gradient and the covariance of both, with t as quantile."""
    means = np.array([ARM.mean(), BASE.mean()])
    gradient = np.array([1 / means[1], -means[0] / means[1] ** 2])
    error = np.sqrt(gradient @ np.cov(ARM, BASE) @ gradient / 5)
    half = stats.t.ppf(0.975, 4) * error
    found = gap_closed(ARM, BASE, 0.05)
    assert (found.low, found.high) == pytest.approx((found.share - half, found.share + half))


@pytest.mark.parametrize("base", [[1.0, -2.0, 0.5, 3.0, -1.0], [-5.0, -4, -6, -5, -4.5], [3.0, 3.1], [5.0, 5, 5, 5]])
def test_a_share_of_a_gap_that_is_not_clearly_there_is_left_out(base):
    assert gap_closed(np.zeros(len(base)), base, 0.05) == UNKNOWN


def test_it_covers_the_true_share_as_often_as_it_says():
    random = np.random.default_rng(4)
    hit, studies = 0, 2000
    for _ in range(studies):
        common = random.normal(0, 3, 6)
        base, arm = 30 + common + random.normal(0, 2, 6), 12 + 0.4 * common + random.normal(0, 2, 6)
        found = gap_closed(arm, base, 0.05)
        hit += found.low <= 0.6 <= found.high
    assert 0.93 < hit / studies < 0.97


@given(st.floats(0.1, 100))
def test_the_unit_does_not_matter(scale):
    assert gap_closed(ARM * scale, BASE * scale, 0.01) == pytest.approx(gap_closed(ARM, BASE, 0.01))
