"""What is simulated, and the goals: those of a report's promise, of `TTestPower`, and of the handbook on statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from statsmodels.stats.power import TTestPower

from ablations.seeds import Looks, Stein
from tests.calibrate.experiment import Experiment, Goal, about
from tests.calibrate.fixed import SIZES, nothing_works, nulls, one_arm_collapses, planted, power, something_works
from tests.calibrate.staged import in_stages, peeking
from tests.calibrate.wider import on_each_architecture, order_of_arms, over_architectures, share_of_the_gap
from tests.calibrate.world import MARGIN, SD, World

SEEDS, ARMS = (3, 5, 10), (2, 5, 8, 16)
KINDS = ("normal", "skewed", "one arm noisier", "collapses")
COVERED, WRONG = Goal(0.95), Goal(high=0.05)
"""All intervals of a family together, and any wrong word in it."""
NOTHING = {
    "accuracy covered": COVERED, "gap covered": COVERED, "accuracy wrong": WRONG, "gap wrong": WRONG,
    "summary wrong": Goal(high=0.1), "claim supported": Goal(high=0.025),
}  # fmt: skip
"""A summary speaks of two families; a claim is wrong on one side only."""
SOMETHING = {
    "null wrong": WRONG, "idle wrong": WRONG, "sign wrong": Goal(high=0.01), "any wrong": WRONG,
    "summary wrong": Goal(high=0.1),
}  # fmt: skip
GUARDED = {3: (0.17, 0.22, 0.80), 5: (0.41, 0.53, 0.99)}
"""Power with eight arms as the handbook has it, by seeds and size; how arms are correlated moves it by some .03."""
STAGED = {
    "covered": COVERED, "accuracy wrong": WRONG, "gap wrong": WRONG, "summary wrong": Goal(high=0.1),
}  # fmt: skip
BY_RULE = {Looks: {"ranks covered": COVERED}, Stein: {"narrow enough": Goal(1.0)}}


class Section(NamedTuple):
    """One table."""

    title: str
    about: str
    experiments: tuple[Experiment, ...]


def sections() -> tuple[Section, ...]:
    return (
        Section("Nothing works", "Studies in which all intervals hold; in which something wrong is said; arms called unstable.",
                tuple(_nothing())),
        Section("Planted effects: 0, +1.5 SD, +.5, +1, -.5 points and over again, 8 arms; margin .5, paired SD .3",
                "Studies in which a null is called effective, an effect of the margin idle, a gain a loss.", tuple(_something())),
        Section("Power, 8 arms", "Share of the arms with such an effect that are said to help.", tuple(_powers())),
        Section("Known limits: differences of skewness 6, 8 arms", "Student's t does not bear them.", tuple(_one_sided())),
        Section("Known limits: runs of one arm at chance one time in ten, 8 arms",
                "A collapse that was not seen is in no interval; where one was, the report says unstable.", tuple(_collapsing())),
        Section("Seeds in stages, 8 arms", "With a margin of .05 nothing is called idle, and nulls go on to the last look.",
                tuple(_staged())),
        Section("What peeking costs: one arm that does nothing, looked at after every seed from 3 to 20",
                "The error that declared looks are there to prevent.", tuple(_peeked())),
        Section("Over architectures, 8 arms", "The effect of every arm varies over them by .5 points.", tuple(_wider())),
        Section("Share of the gap that is closed, 8 arms", "Studies in which all intervals hold; that tell of any.",
                tuple(_shares())),
        Section("Ranks, 8 arms and the baseline", "Studies in which all intervals hold; places left open an arm.",
                tuple(_ranks())),
    )  # fmt: skip


def _nothing() -> Iterator[Experiment]:
    for kind in KINDS:
        for arms in ARMS:
            for seeds in SEEDS:
                setting = f"{kind}, {arms} arms, {seeds} seeds"
                yield Experiment(setting, partial(nothing_works, nulls(kind, seeds, arms)), NOTHING)


def _something() -> Iterator[Experiment]:
    for kind in KINDS:
        for seeds in SEEDS:
            once = partial(something_works, planted(kind, seeds, 8))
            yield Experiment(f"{kind}, {seeds} seeds", once, SOMETHING)


def _powers() -> Iterator[Experiment]:
    for seeds in SEEDS:
        plain = _power_of_plain_t(seeds)
        guarded = dict(zip(SIZES, GUARDED[seeds], strict=True)) if seeds in GUARDED else plain
        goals = {name: about(rate, 0.03) for name, rate in guarded.items()}
        goals |= {f"{name}, plain t": about(rate, 0.01) for name, rate in plain.items()}
        yield Experiment(f"normal, {seeds} seeds", partial(power, planted("normal", seeds, 8)), goals)
    for seeds in SEEDS:
        yield Experiment(f"one arm noisier, {seeds} seeds", partial(power, planted("one arm noisier", seeds, 8)))


def _power_of_plain_t(seeds: int) -> dict[str, float]:
    """As statsmodels has it, where its noncentral t is a number."""
    powers = {name: TTestPower().power(size / SD, seeds, 0.05 / 8) for name, size in SIZES.items()}
    return {name: float(rate) for name, rate in powers.items() if rate == rate}


def _one_sided() -> Iterator[Experiment]:
    goals = {name: goal._replace(known=True) for name, goal in NOTHING.items()}
    for seeds in SEEDS:
        yield Experiment(f"one-sided, {seeds} seeds", partial(nothing_works, nulls("one-sided", seeds, 8)), goals)


def _collapsing() -> Iterator[Experiment]:
    goals = {"mean covered": COVERED._replace(known=True), "called unstable": Goal(1.0), "then covered": COVERED}
    for seeds in SEEDS:
        world = nulls("one arm collapses", seeds, 8)
        yield Experiment(f"one arm collapses, {seeds} seeds", partial(one_arm_collapses, world), goals)


def _staged() -> Iterator[Experiment]:
    looks, stein = Looks(looks=(5, 10, 20)), Stein(stein=5, half_width=SD, most=400)
    early = Looks(looks=(3, 5, 8))
    to_the_end = {kind: replace(nulls(kind, 20, 8), margin=MARGIN / 10) for kind in KINDS}
    worlds = {
        "looks 5, 10, 20; nulls": (nulls("normal", 20, 8), looks),
        "the same, margin .05": (to_the_end["normal"], looks),
        "the same, one arm noisier": (to_the_end["one arm noisier"], looks),
        "looks 5, 10, 20; planted effects": (planted("normal", 20, 8), looks),
        "looks 3, 5, 8; nulls, margin .05": (replace(to_the_end["normal"], seeds=8), early),
        "Stein, 5 seeds first; nulls": (nulls("normal", 400, 8), stein),
        "Stein, one arm noisier": (nulls("one arm noisier", 400, 8), stein),
    }
    for setting, (world, rule) in worlds.items():
        yield Experiment(setting, partial(in_stages, world, rule), STAGED | BY_RULE[type(rule)], share=0.5)


def _peeked() -> Iterator[Experiment]:
    once = partial(peeking, nulls("normal", 20, 1))
    yield Experiment("peeking", once, {"once wrong": about(0.23, 0.02)}, share=0.3)


def _wider() -> Iterator[Experiment]:
    goals: Mapping[str, Goal] = {"these covered": COVERED, "beyond said": WRONG, "cells covered": COVERED}
    for models in (3, 5):
        for seeds in (5, 10):
            world = World((0.0,) * 8, (0.0,) * 8, seeds, models=models, spread=MARGIN)
            yield Experiment(f"{models} architectures, {seeds} seeds", partial(over_architectures, world), goals)
    yield Experiment(
        "5 architectures, 5 seeds, each by itself",
        partial(on_each_architecture, replace(world, seeds=5)),
        goals,
        share=0.5,
    )


def _shares() -> Iterator[Experiment]:
    for seeds in SEEDS:
        for base in (2, 5, 30):
            world = replace(planted("normal", seeds, 8), base_gap=float(base))
            once = partial(share_of_the_gap, world)
            yield Experiment(f"gap of {base} points, {seeds} seeds", once, {"closed covered": COVERED})


def _ranks() -> Iterator[Experiment]:
    for name, make in {"nulls": nulls, "planted": planted}.items():
        for seeds in SEEDS:
            once = partial(order_of_arms, make("normal", seeds, 8))
            yield Experiment(f"{name}, {seeds} seeds", once, {"ranks covered": COVERED})
