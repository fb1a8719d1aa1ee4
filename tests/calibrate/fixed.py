"""A fixed number of seeds: what is said of arms that do nothing, and of arms that do something."""

from __future__ import annotations

from ablations.arms import SHAM
from ablations.spec import Claim
from reports.inference.effects import Effect, effects
from reports.inference.intervals import Interval, paired_interval
from reports.inference.verdicts import judge
from reports.study import Study
from tests.calibrate.experiment import Outcome
from tests.calibrate.words import IDLE, accuracy_is_wrong, sign_is_wrong, summary_is_wrong
from tests.calibrate.world import CHANCE, MARGIN, SD, Random, World

EFFECTS = (0.0, 1.5 * SD, MARGIN, 2 * MARGIN, -MARGIN)
GAPS = (-2 * MARGIN, -MARGIN, 0.0, -2 * MARGIN, 0.0)
"""Planted effects on accuracy and on the gap, in points, over and over; the first arm may be the noisier one."""
SIZES = {"+1.5 SD": 1.5 * SD, "+.5": MARGIN, "+1": 2 * MARGIN}


def nulls(kind: str, seeds: int, arms: int) -> World:
    return World((0.0,) * arms, (0.0,) * arms, seeds, kind)


def planted(kind: str, seeds: int, arms: int) -> World:
    effects, gaps = (tuple(of[number % len(of)] for number in range(arms)) for of in (EFFECTS, GAPS))
    return World(effects, gaps, seeds, kind)


def nothing_works(world: World, random: Random) -> Outcome:
    """One study in which no arm does anything."""
    study = world.study(random)
    found, sham = of_family(study), next(effect for effect in effects(study) if effect.arm == SHAM)
    return {
        "accuracy covered": all(holds(effect.accuracy, 0) for effect in found),
        "gap covered": all(holds(effect.gap, 0) for effect in found),
        "accuracy wrong": any(effect.verdict in ("helps", "hurts") for effect in found),
        "gap wrong": any(effect.gap_verdict in ("shrinks", "grows") for effect in found),
        "summary wrong": any(summary_is_wrong(effect, (0, 0)) for effect in found),
        "claim supported": any(supported(effect) for effect in found),
        "sham works": sham.verdict in ("helps", "hurts"),
        "plain t wrong": not all(holds(interval, 0) for interval in plain_intervals(study)),
        "called unstable": sum(effect.collapsed > 0 for effect in found) / len(found),
    }


def something_works(world: World, random: Random) -> Outcome:
    """One study with planted effects."""
    study, truths = world.study(random), world.truths()
    found = [(effect, truths[effect.arm]) for effect in of_family(study)]
    return {
        "null wrong": any(accuracy_is_wrong(effect, truth) for effect, truth in found if truth[0] == 0),
        "idle wrong": any(effect.verdict == IDLE for effect, truth in found if abs(truth[0]) >= world.margin),
        "sign wrong": any(sign_is_wrong(effect, truth) for effect, truth in found),
        "any wrong": any(accuracy_is_wrong(effect, truth) for effect, truth in found),
        "summary wrong": any(summary_is_wrong(effect, truth) for effect, truth in found),
    }


def power(world: World, random: Random) -> Outcome:
    """How many of the arms that truly help are said to in one study, by size of their effect; with plain t, too."""
    study = world.study(random)
    helping = {effect.arm for effect in effects(study) if effect.verdict == "helps"}
    plainly = {arm for arm, found in zip(world.arms, plain_intervals(study), strict=True) if found.low > 0}
    outcome: Outcome = {}
    for name, size in SIZES.items():
        arms = {arm for arm, effect in zip(world.arms, world.effects, strict=True) if effect == size}
        outcome[name] = len(arms & helping) / len(arms)
        outcome[f"{name}, plain t"] = len(arms & plainly) / len(arms)
    return outcome


def one_arm_collapses(world: World, random: Random) -> Outcome:
    """One study in which runs of the first arm may fall to chance, which lowers its true mean."""
    drawn = world.drawn(random)
    first = next(effect for effect in effects(world.told(drawn)) if effect.arm == world.arms[0])
    covered = holds(first.accuracy, world.truths()[first.arm][0])
    if not (drawn.accuracy[0, 1] == CHANCE).any():
        return {"mean covered": covered}
    return {"mean covered": covered, "called unstable": "unstable" in first.summary, "then covered": covered}


def of_family(study: Study) -> list[Effect]:
    return [effect for effect in effects(study) if effect.arm != SHAM]


def plain_intervals(study: Study) -> list[Interval]:
    """What Student's t says without the guard, arm by arm."""
    accuracy = study.grid("test_accuracy")[0]
    return [paired_interval(arm - accuracy[0], study.family) for arm in accuracy[1:-1]]


def holds(interval: Interval, truth: float) -> bool:
    """What is not tested claims nothing."""
    return not interval.tested or interval.low <= truth <= interval.high


def supported(effect: Effect) -> bool:
    """Whether somebody would be told right who says that an arm raises accuracy."""
    return judge(Claim(arm=effect.arm, direction="higher"), effect.accuracy, effect.margin) == "supported"
