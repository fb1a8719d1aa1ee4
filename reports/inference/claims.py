"""Claims, judged: those of the main table by its intervals, all others by paired t as a family of their own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ablations.claims import Claim
from ablations.measures import UNSTEADINESS
from ablations.seeds import Stein
from reports.inference.architectures import Overall, overall
from reports.inference.effects import Effect, effects
from reports.inference.intervals import FEWEST, SAME, Interval, mean_of, paired_interval, two_stage_interval
from reports.inference.sampling import shared_confidence
from reports.inference.unsteadiness import unsteadiness
from reports.inference.verdicts import Judgement, judge, judge_check
from reports.study import Study
from runs.checking import CheckRecord

EVERYWHERE = "all of them"
"""The model of a claim that is judged over all architectures together."""


@dataclass(frozen=True)
class JudgedClaim:
    """A claim on one model, with what was found."""

    claim: Claim
    model: str
    """None of a check's."""
    effect: Interval
    """Of the difference or, where the measure is compared as a ratio, of that: the arm's over the other's."""
    verdict: Judgement
    score: str
    check: CheckRecord | None = None
    """What came of the exact fact, where the claim names one that was carried out."""


@lru_cache(maxsize=4)
def judged_claims(study: Study) -> tuple[JudgedClaim, ...]:
    """Every claim of a study, over all models and on each."""
    family = claim_family(study)
    return tuple(judged for claim in study.claims for judged in _judged(study, claim, family))


def claim_family(study: Study) -> int:
    """Comparisons that need a test of their own: claims times the models that they are about."""
    tested = [claim for claim in study.claims if not (claim.check or claim.by_the_table or claim.compared.exact)]
    return sum(len(_models(study, claim)) for claim in tested)


def _models(study: Study, claim: Claim) -> list[str]:
    named = [model for model in study.models if claim.model in ("", model)]
    return [model for model in named if study.has(model, claim.arm)]


def _judged(study: Study, claim: Claim, family: int) -> Iterator[JudgedClaim]:
    if claim.check:
        yield _checked(study, claim)
        return
    for model, interval in _by_the_table(study, claim) if claim.by_the_table else _compared(study, claim, family):
        yield JudgedClaim(claim, model, _shown(claim, interval), judge(claim, interval, study.margin), study.score)


def _checked(study: Study, claim: Claim) -> JudgedClaim:
    record = study.checks.get(claim.check)
    nothing = Interval(0, math.nan, math.nan)
    return JudgedClaim(claim, "", nothing, judge_check(record), study.score, record)


def _by_the_table(study: Study, claim: Claim) -> Iterator[tuple[str, Interval]]:
    found: list[tuple[str, Effect | Overall]] = [(EVERYWHERE, one) for one in overall(study) if not claim.model]
    found += [(one.model, one) for one in effects(study) if claim.model in ("", one.model)]
    for model, effect in found:
        if effect.arm == claim.arm:
            yield model, interval_of_median(effect.gap if claim.measure == "gap" else effect.accuracy)


def _compared(study: Study, claim: Claim, family: int) -> Iterator[tuple[str, Interval]]:
    numbers = _numbers(study, claim)
    for model in _models(study, claim):
        differences = _differences(study, claim, numbers[study.models.index(model)])
        if claim.compared.exact:
            yield model, exact_interval(differences[np.isfinite(differences)])
        else:
            yield model, interval_of_median(_tested(study, differences, family))


def _tested(study: Study, differences: np.ndarray, family: int) -> Interval:
    """By the rule under which seeds were added, as in the main table."""
    left, confidence = np.isfinite(differences), shared_confidence(study.sampling)
    if isinstance(study.sampling, Stein):
        first = int(left[: study.sampling.stein].sum())
        return two_stage_interval(differences[left], first, (1 - confidence) / family)
    return paired_interval(differences[left], family, confidence)


def _numbers(study: Study, claim: Claim) -> np.ndarray:
    """Of every run, on the scale on which two of them are subtracted: models x arms x seeds."""
    grid = unsteadiness(study) if claim.measure == UNSTEADINESS else study.grid(claim.measure)
    return _log(grid) if claim.compared.ratio else grid


def _differences(study: Study, claim: Claim, numbers: np.ndarray) -> np.ndarray:
    """The arm less the other, or less the level, by seed; not a number where one of both is lacking."""
    arm = numbers[study.row_of[claim.arm]]
    if isinstance(claim.than, str):
        return np.asarray(arm - numbers[study.row_of[claim.than]])
    return np.asarray(arm - (math.log(claim.than) if claim.compared.ratio else claim.than))


def _log(values: np.ndarray) -> np.ndarray:
    """Logarithms, whose differences are those of ratios; not a number for what is not above 0."""
    return np.log(np.where(values > 0, values, np.nan))


def interval_of_median(interval: Interval) -> Interval:
    """A point where t tests nothing since all differences are equal, as those of scores at 100 % are; not tested still
    for few seeds.

    From the smallest to the largest of n differences lies their median, but for a chance of 2^(1 - n) (Thompson 1936).
    """
    n, mean = interval.n, interval.mean
    equal = not interval.tested and n >= FEWEST and interval.sd < SAME
    return interval._replace(low=mean, high=mean) if equal and 2.0 ** (1 - n) <= interval.level else interval


def exact_interval(differences: np.ndarray) -> Interval:
    """A point where all runs agree, as they do in what is counted; else the smallest and the largest difference."""
    if not len(differences):
        return Interval(0, math.nan, math.nan)
    low, high = float(differences.min()), float(differences.max())
    return Interval(len(differences), mean_of(differences), float(differences.std()), low, high, level=0.0)


def _shown(claim: Claim, interval: Interval) -> Interval:
    if not claim.compared.ratio:
        return interval
    mean, low, high = (math.exp(value) for value in (interval.mean, interval.low, interval.high))
    return interval._replace(mean=mean, low=low, high=high)
