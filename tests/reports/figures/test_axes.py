import math

import pytest

from reports.figures.axes import Axis, differing, effect_axis, shared
from reports.inference.intervals import Interval


def intervals(*means, half=1.0):
    return [Interval(5, mean, 1.0, mean - half, mean + half) for mean in means]


def test_an_arm_far_away_does_not_stretch_the_axis():
    axis = effect_axis(intervals(1, 2, -3, 4, 2, -70), [], 1.0)
    assert axis.low > -20
    assert axis.side(-70) == -1
    assert axis.placed(-70) > axis.low


def test_without_one_all_intervals_are_on_it():
    found = intervals(3, -4, 0.5)
    axis = effect_axis(found, [], 1.0)
    assert all(axis.low < i.low and i.high < axis.high for i in found)


def test_the_margin_is_always_seen():
    axis = effect_axis(intervals(0.01, half=0.01), [], 2.0)
    assert axis.low < -2 < 2 < axis.high


def test_one_very_wide_interval_is_cut_off():
    axis = effect_axis([*intervals(1, 2, 3, 2), Interval(3, 1.0, 90.0, -400.0, 402.0)], [], 1.0)
    assert axis.high - axis.low < 60


def test_dots_are_on_it_but_those_of_collapsed_runs_are_not():
    axis = effect_axis(intervals(1, 2, 3), [-6.0, 7.0, -80.0], 1.0)
    assert axis.side(-6) == axis.side(7) == 0
    assert axis.side(-80) == -1


def test_what_is_not_tested_has_its_mean_on_the_axis():
    axis = effect_axis([Interval(2, 3.0, 1.0)], [], 1.0)
    assert axis.side(3.0) == 0
    assert not math.isnan(axis.high)


@pytest.mark.parametrize(("value", "share"), [(0.5, 0.0), (1.0, 1 / 3), (2.0, 2 / 3), (4.0, 1.0)])
def test_shares_of_a_logarithmic_axis_are_those_of_doublings(value, share):
    assert Axis(0.5, 4.0, logarithmic=True).share(value) == pytest.approx(share)


def test_models_share_one_axis_that_has_room_for_each():
    axes = [Axis(-2, 8), Axis(-5, 4)]
    assert shared(axes) == [Axis(-5, 8)] * 2
    assert differing(shared(axes)) == []


def test_a_model_that_would_be_squashed_leaves_each_its_own_axis_and_that_is_said():
    axes = [Axis(-2, 8), Axis(-1, 1)]
    assert shared(axes) == axes
    (line,) = differing(axes)
    assert "axis of its own" in line
