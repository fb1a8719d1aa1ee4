"""Schedules, stepped after every training step, against the formulas in torch's documentation and in the papers."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from modules.schedules import make_schedule
from modules.settings import Constant, Cosine, OneCycle, Step, Warmup

LR = 0.1
SHARES = st.floats(0.001, 0.999)
SCHEDULES = (
    st.builds(Step, every=SHARES | st.just(1.0), fall=SHARES)
    | st.just(Cosine())
    | st.builds(OneCycle, rise=SHARES)
    | st.builds(Warmup, share=SHARES, then=st.sampled_from(["constant", "cosine"]))
)


def optimizer(lr=LR):
    """SGD with two groups, as recipes have."""
    layer = nn.Linear(1, 1)
    return torch.optim.SGD([{"params": [layer.weight]}, {"params": [layer.bias]}], lr=lr, momentum=0.9)


def rates(schedule, steps, lr=LR):
    """The rate of every step of a training of `steps`, the schedule being stepped after each, the last one too."""
    taking = optimizer(lr)
    moving = make_schedule(schedule, taking, steps)
    seen = []
    for _ in range(steps):
        seen.append([group["lr"] for group in taking.param_groups])
        taking.step()
        if moving is not None:
            moving.step()
    assert all(one == other for one, other in seen)
    return [one for one, _ in seen]


@given(SCHEDULES, st.integers(1, 400), st.floats(1e-6, 10))
def test_the_recipes_rate_is_the_highest_and_no_step_is_without_one(schedule, steps, lr):
    seen = rates(schedule, steps, lr)
    assert len(seen) == steps
    assert max(seen) == pytest.approx(lr)
    assert min(seen) >= 0
    assert seen[0] > 0


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("schedule", [Step(), Cosine(), OneCycle(), Warmup(), Warmup(then="cosine")])
def test_a_very_short_training_has_a_rate_in_every_step(schedule, steps):
    assert min(rates(schedule, steps)) > 0


def test_a_constant_rate_needs_no_schedule():
    assert make_schedule(Constant(), optimizer(), steps=3) is None
    assert rates(Constant(), 3) == [LR] * 3


@given(st.integers(1, 400))
def test_cosine_is_the_formula_of_loshchilov_and_hutter(steps):
    """Their equation 5 with a lowest rate of 0; after the last step it would be 0."""
    expected = [LR * (1 + math.cos(math.pi * step / steps)) / 2 for step in range(steps)]
    assert rates(Cosine(), steps) == pytest.approx(expected)


@given(st.integers(1, 400), SHARES, SHARES)
def test_steps_fall_by_the_factor_each_time_a_share_of_the_training_is_over(steps, every, fall):
    seen = rates(Step(every=every, fall=fall), steps)
    falls = [step for step in range(1, steps) if seen[step] < seen[step - 1] or seen[step] == 0]
    first = next(step for step in range(1, steps + 1) if step >= every * steps)
    assert falls == list(range(first, steps, first))
    assert seen[-1] == pytest.approx(LR * fall ** len(falls), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(("steps", "falls"), [(420, [140, 280]), (100, [34, 68]), (3, [1, 2]), (2, [1]), (1, [])])
def test_thirds_fall_twice_and_not_once_more_at_the_end(steps, falls):
    seen = rates(Step(), steps)
    assert [step for step in range(1, steps) if seen[step] < seen[step - 1]] == falls


@given(st.integers(3, 400), SHARES)
def test_one_cycle_rises_from_a_25th_peaks_after_its_share_and_ends_at_a_250000th(steps, rise):
    seen = rates(OneCycle(rise=rise), steps)
    peak = seen.index(max(seen))
    assert peak == min(max(1, round(rise * steps)), steps - 2)
    assert seen[0] == pytest.approx(LR / 25)
    assert seen[-1] == pytest.approx(LR / 250_000)
    assert seen[: peak + 1] == sorted(seen[: peak + 1])
    assert seen[peak:] == sorted(seen[peak:], reverse=True)
    assert seen[peak // 2] == pytest.approx(_between(LR / 25, LR, peak // 2 / peak))


def _between(start, end, share):
    """torch's documentation of `anneal_strategy="cos"`."""
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


def test_one_cycle_leaves_momentum_alone():
    taking = optimizer()
    make_schedule(OneCycle(), taking, 10)
    assert [group["momentum"] for group in taking.param_groups] == [0.9, 0.9]


@given(st.integers(2, 400), SHARES)
def test_warm_up_is_linear_and_then_the_rate_stays(steps, share):
    seen = rates(Warmup(share=share), steps)
    rising = min(max(1, round(share * steps)), steps - 1)
    assert seen[:rising] == pytest.approx([LR * (step + 1) / (rising + 1) for step in range(rising)])
    assert seen[rising:] == pytest.approx([LR] * (steps - rising))


@given(st.integers(2, 400), SHARES)
def test_after_a_warm_up_the_cosine_falls_as_it_does_alone_over_what_is_left(steps, share):
    seen = rates(Warmup(share=share, then="cosine"), steps)
    rising = min(max(1, round(share * steps)), steps - 1)
    assert seen[:rising] == pytest.approx(rates(Warmup(share=share), steps)[:rising])
    assert seen[rising:] == pytest.approx(rates(Cosine(), steps - rising))
