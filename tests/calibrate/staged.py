"""Seeds that are added in stages, carried out as `ablate run` does: declared looks, Stein's rule, and mere peeking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ablations.seeds import Looks, Stein
from reports.inference.intervals import Interval
from reports.inference.looks import Counts, next_counts
from reports.study import Study
from tests.calibrate.experiment import Outcome
from tests.calibrate.fixed import holds, of_family
from tests.calibrate.wider import ranks_hold
from tests.calibrate.words import accuracy_is_wrong, gap_is_wrong, summary_is_wrong
from tests.calibrate.world import Random, World

PEEKS = range(3, 21)
"""Numbers of seeds at which the impatient look."""


def stages(world: World, rule: Looks | Stein, random: Random) -> Iterator[Study]:
    """A study after each stage: every arm has the seeds that the rule gave it, until it asks for no more."""
    full = world.study(random)
    counts: Counts = {(arm, full.models[0]): rule.first for arm in full.arm_names}
    while True:
        study = replace(full, runs=_as_far(full, counts), sampling=rule)
        yield study
        if (wanted := next_counts(study)) == counts:
            return
        counts = wanted


def _as_far(full: Study, counts: Mapping[tuple[str, str], int]) -> pd.DataFrame:
    had = np.array([counts[arm, full.models[0]] for arm in full.arm_names])
    return full.runs[full.runs["seed"].to_numpy() < np.repeat(had, len(full.seeds))]


def in_stages(world: World, rule: Looks | Stein, random: Random) -> Outcome:
    """One ablation, to its last stage."""
    *_, study = stages(world, rule, random)
    truths = world.truths()
    found = [(effect, truths[effect.arm]) for effect in of_family(study)]
    return {
        "covered": all(holds(effect.accuracy, truth[0]) for effect, truth in found),
        "accuracy wrong": any(accuracy_is_wrong(effect, truth) for effect, truth in found),
        "gap wrong": any(gap_is_wrong(effect, truth) for effect, truth in found),
        "summary wrong": any(summary_is_wrong(effect, truth) for effect, truth in found),
        **(
            {"narrow enough": all(_narrow(e.accuracy, rule) for e, _ in found)}
            if isinstance(rule, Stein)
            else {"ranks covered": ranks_hold(study, world)}  # in two stages nothing is said of places
        ),
        "seeds an arm": float(np.mean([effect.accuracy.n for effect, _ in found])),
        "helpers found": float(np.mean([e.verdict == "helps" for e, truth in found if truth[0] > 0] or [0.0])),
    }


def _narrow(interval: Interval, rule: Stein) -> bool:
    """Whether an interval is as narrow as the rule asks, or has all the seeds that it allows."""
    return interval.n == rule.most or interval.half <= (rule.half_width or 0) + 1e-9


def peeking(world: World, random: Random) -> Outcome:
    """One arm that is looked at after every seed, until the interval of what is there says something."""
    full = world.study(random)
    seen = (replace(full, runs=full.runs[full.runs["seed"] < seeds]) for seeds in PEEKS)
    found = (effect for study in seen for effect in of_family(study))
    return {"once wrong": any(effect.verdict in ("helps", "hurts") for effect in found)}
