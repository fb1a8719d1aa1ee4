"""Verdict words: what an interval and a margin, declared before the runs, allow to be said."""

from __future__ import annotations

from typing import Literal

from ablations.spec import Claim
from reports.intervals import MOST_SEEDS, Interval, seeds_to_settle

Verdict = Literal["not tested", "helps", "hurts", "no effect larger than the margin", "undecided"]
GapVerdict = Literal["not tested", "shrinks", "grows", "unchanged", "undecided"]
InteractionVerdict = Literal[
    "not tested", "more than the sum", "less than the sum", "no interaction larger than the margin", "undecided"
]
GapInteractionVerdict = Literal[
    "not tested", "wider than the sum", "narrower than the sum", "no interaction larger than the margin", "undecided"
]
Judgement = Literal["supported", "refuted", "undecided", "not tested"]

DECIDED = ("helps", "hurts", "shrinks", "grows", "no effect larger than the margin", "unchanged")


def accuracy_verdict(interval: Interval, margin: float) -> Verdict:
    """What may be said of an effect on accuracy."""
    if not interval.tested:
        return "not tested"
    if interval.low > 0:
        return "helps"
    if interval.high < 0:
        return "hurts"
    return "no effect larger than the margin" if _within(interval, margin) else "undecided"


def gap_verdict(interval: Interval, margin: float) -> GapVerdict:
    """What may be said of an effect on the gap between training and test accuracy."""
    if not interval.tested:
        return "not tested"
    if interval.high < 0:
        return "shrinks"
    if interval.low > 0:
        return "grows"
    return "unchanged" if _within(interval, margin) else "undecided"


def interaction_verdict(interval: Interval, margin: float) -> InteractionVerdict:
    """What may be said of what two levels together do to accuracy, beyond the sum of both alone."""
    if not interval.tested:
        return "not tested"
    if interval.low > 0:
        return "more than the sum"
    if interval.high < 0:
        return "less than the sum"
    return "no interaction larger than the margin" if _within(interval, margin) else "undecided"


def gap_interaction_verdict(interval: Interval, margin: float) -> GapInteractionVerdict:
    """What may be said of the gap under two levels together, against the sum of what both alone do to it."""
    word = interaction_verdict(interval, margin)
    if word == "more than the sum":
        return "wider than the sum"
    return "narrower than the sum" if word == "less than the sum" else word


def _within(interval: Interval, margin: float) -> bool:
    return -margin < interval.low and interval.high < margin


def detail(interval: Interval, margin: float, family: int) -> str:
    """The size that belongs to the verdict, or what would settle it."""
    if not interval.tested:
        return "fewer than 3 seeds" if interval.n < 3 else "the seed changed nothing: check seeding"
    if interval.low > 0 or interval.high < 0:
        least = min(abs(interval.low), abs(interval.high))
        most = max(abs(interval.low), abs(interval.high))
        return f"by at least {least:.1f}" + (", but by less than the margin" if most < margin else "")
    if _within(interval, margin):
        return f"within ±{margin:g}"
    seeds = seeds_to_settle(interval, margin, family)
    needed = f"about {seeds:,}" if seeds else f"more than {MOST_SEEDS:,}"
    return f"{interval.low:+.1f} to {interval.high:+.1f}; {needed} seeds would settle it".replace("-", "\N{MINUS SIGN}")


def summary(accuracy: Interval, gap: Interval, margin: float) -> str:
    """Both verdicts as one phrase, where they have one together."""
    word, gap_word = accuracy_verdict(accuracy, margin), gap_verdict(gap, margin)
    if gap_word == "shrinks" and word == "helps":
        return "reduces overfitting and improves accuracy"
    if gap_word == "shrinks" and word == "hurts":
        return "closes the gap by underfitting"
    if gap_word == "shrinks" and accuracy.tested and accuracy.low > -margin:
        return "reduces overfitting at no cost in accuracy"
    if gap_word == "unchanged" and word == "helps":
        return "improves accuracy, not by closing the gap"
    if gap_word == "grows" and word == "helps":
        return "improves accuracy although the gap grows"
    if word == gap_word == "not tested":
        return "not tested"
    if word == gap_word == "undecided":
        return "undecided, accuracy and gap"
    return f"accuracy: {word}" + (f"; gap: {gap_word}" if gap_word != "not tested" else "")


def unstable(collapsed: int, runs: int) -> str:
    """The suffix that a verdict carries where runs collapsed, since t covers less than it says there."""
    return f"; unstable: {collapsed} of {runs} runs collapsed" if collapsed else ""


def judge(claim: Claim, accuracy: Interval, gap: Interval) -> Judgement:
    """Whether an interval bears out what somebody says."""
    interval = gap if claim.measure == "gap" else accuracy
    if not interval.tested:
        return "not tested"
    low, high = (interval.low, interval.high) if claim.direction == "higher" else (-interval.high, -interval.low)
    if low > 0:
        return "supported"
    return "refuted" if high < 0 else "undecided"
