"""The schedule of the learning rate."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, TypeAdapter

import modules.settings
from ablations.parts import KindEdit


class Schedule(KindEdit):
    """Schedule (step, cosine, one-cycle, warm-up): how the learning rate moves while training goes on.

    It moves at every step, over the whole length of the training; the optimizer's learning rate is the highest one.
    """

    factor = "schedule"
    source = (
        "Robbins and Monro 1951 (falling rates); Loshchilov and Hutter 2017, ICLR (cosine); Smith and Topin 2019 "
        "(one-cycle); Goyal et al. 2017, arXiv:1706.02677 (warm-up)"
    )
    expect = (
        "A rate that falls stills the noise of the last steps; which way it falls matters less. Warm-up helps large "
        "batches: at 8,192 images ResNet-50 had 23.7 % error on ImageNet with it, 24.8 % without (Goyal et al. 2017)."
    )
    pitfall = (
        "It is laid out over all epochs, so what stops early never sees the low rates. A falling rate wants a "
        "higher start than a constant one: at the same start, part of what is seen is only a lower rate on average."
    )
    cites = ("robbins1951stochastic", "loshchilov2017sgdr", "smith2019super", "goyal2017accurate")
    part = "schedule"
    kinds = TypeAdapter(modules.settings.Schedule)

    name: str | None = "cosine"
    """One of constant, step, cosine, one_cycle, warmup. None is the baseline."""
    every: float | None = Field(None, gt=0, le=1)
    """Share of the training after which the rate falls each time, for step; a third where not given."""
    fall: float | None = Field(None, gt=0, lt=1)
    """What it is multiplied by, for step; a tenth where not given."""
    rise: float | None = Field(None, gt=0, lt=1)
    """Share of the training in which the rate rises, for one_cycle; 0.3 where not given."""
    share: float | None = Field(None, gt=0, lt=1)
    """Share of the training in which the rate rises, for warmup; a tenth where not given."""
    then: Literal["constant", "cosine"] | None = None
    """What comes after the rise, for warmup; constant where not given."""
