"""What else a report says: over several architectures, of the share of the gap that is closed, and of ranks."""

from __future__ import annotations

import numpy as np

from ablations.arms import SHAM
from reports.inference.architectures import overall
from reports.inference.effects import effects
from reports.inference.ranks import ranks
from reports.study import Study
from tests.calibrate.experiment import Outcome
from tests.calibrate.fixed import holds
from tests.calibrate.world import Random, World


def over_architectures(world: World, random: Random) -> Outcome:
    """One ablation on several architectures, on each of which an arm has an effect of its own."""
    drawn = world.drawn(random)
    study = world.told(drawn)
    truths = dict(zip(world.arms, drawn.effects.mean(axis=0), strict=True))
    found = [arm for arm in overall(study) if arm.arm != SHAM]
    return {
        "these covered": all(holds(arm.accuracy, truths[arm.arm]) for arm in found),
        "beyond said": any("beyond" in arm.reach for arm in found),
        "these said": float(np.mean([arm.reach != "" for arm in found])),
    }


def on_each_architecture(world: World, random: Random) -> Outcome:
    """All arms on all architectures, a family of its own."""
    drawn = world.drawn(random)
    study = world.told(drawn)
    return {
        "cells covered": all(
            holds(cell.accuracy, drawn.effects[study.models.index(cell.model), world.arms.index(cell.arm)])
            for cell in effects(study) if cell.arm != SHAM
        )
    }  # fmt: skip


def share_of_the_gap(world: World, random: Random) -> Outcome:
    """How much of the baseline's gap every arm closes."""
    truths = dict(zip(world.arms, world.gaps, strict=True))
    known = [effect for effect in effects(world.study(random)) if effect.arm != SHAM and effect.gap_closed.known]
    held = [e.gap_closed.low <= -truths[e.arm] / world.base_gap <= e.gap_closed.high for e in known]
    return {"closed covered": all(held), "told": float(bool(known))}


def order_of_arms(world: World, random: Random) -> Outcome:
    """The places that arms may have."""
    study = world.study(random)
    widths = [rank.worst - rank.best for rank in ranks(study).values()]
    return {"ranks covered": ranks_hold(study, world), "places left open": float(np.mean(widths))}


def ranks_hold(study: Study, world: World) -> bool:
    """Whether every arm's true place lies in its interval; arms that tie share all of their places."""
    true = [0.0, *world.effects]
    found = ranks(study).values()
    return all(
        rank.best <= 1 + sum(other > own for other in true) and len(true) - sum(other < own for other in true) <= rank.worst
        for own, rank in zip(true, found, strict=True)
    )  # fmt: skip
