"""Schedules of the learning rate from recipes, as torch has them."""

from __future__ import annotations

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, LRScheduler, OneCycleLR, SequentialLR, StepLR

from modules.settings import Constant, Cosine, OneCycle, Schedule, Step, Warmup


def make_schedule(schedule: Schedule, optimizer: Optimizer, steps: int) -> LRScheduler | None:
    """The schedule, to be stepped after each of the `steps` training steps; None where the rate stays.

    The optimizer's rate is the highest one; 0 comes after the last step, however few there are.
    """
    match schedule:
        case Constant():
            return None
        case Step():  # rounded up, so that a training of 100 steps falls twice in thirds, not once more at its end
            return StepLR(optimizer, math.ceil(schedule.every * steps), schedule.fall)
        case Cosine():
            return CosineAnnealingLR(optimizer, T_max=steps)
        case OneCycle():
            return one_cycle(optimizer, schedule.rise, steps)
        case Warmup():
            return warm_up(schedule, optimizer, steps)


def risen(share: float, steps: int, left: int) -> int:
    """The step, counted from 0, that has the highest rate: after a share of all, with `left` behind it at least."""
    return min(max(1, round(share * steps)), steps - 1 - left)


def one_cycle(optimizer: Optimizer, rise: float, steps: int) -> LRScheduler | None:
    """One cycle (Smith and Topin 2019): along half a cosine from a 25th of the rate up to it, along another down to a
    250,000th at the last step. Momentum stays, so that one thing changes. Two steps have no room for it.
    """
    if steps < 3:
        return None
    rates = [group["lr"] for group in optimizer.param_groups]
    # torch has the peak at pct_start x steps - 1, which need not be a step.
    share = (risen(rise, steps, left=1) + 1) / steps
    return OneCycleLR(optimizer, rates, total_steps=steps, pct_start=share, cycle_momentum=False)


def warm_up(schedule: Warmup, optimizer: Optimizer, steps: int) -> LRScheduler:
    """Warm-up (Goyal et al. 2017): 1/(n+1), 2/(n+1), ... of the rate in the first n steps, then all of it."""
    rising = risen(schedule.share, steps, left=0)
    linear = LinearLR(optimizer, start_factor=1 / (rising + 1), total_iters=rising)
    if schedule.then == "constant":
        return linear
    return SequentialLR(optimizer, [linear, CosineAnnealingLR(optimizer, T_max=steps - rising)], [rising])
