"""Verdict words: what an interval and a margin, declared before the runs, allow to be said."""

from __future__ import annotations

from typing import Literal, TypeVar

from ablations.spec import Claim
from reports.inference.intervals import FEWEST, MOST_SEEDS, Interval, identical, seeds_to_settle

Verdict = Literal["not tested", "helps", "hurts", "no effect larger than the margin", "undecided"]
GapVerdict = Literal["not tested", "shrinks", "grows", "unchanged", "undecided"]
InteractionVerdict = Literal[
    "not tested", "more than the sum", "less than the sum", "no interaction larger than the margin", "undecided"
]
GapInteractionVerdict = Literal[
    "not tested", "wider than the sum", "narrower than the sum", "no interaction larger than the margin", "undecided"
]
Judgement = Literal["supported", "refuted", "undecided", "not tested"]
Open = Literal["not tested", "undecided"]
Word = TypeVar("Word", bound=str)

DECIDED = ("helps", "hurts", "shrinks", "grows", "no effect larger than the margin", "unchanged")


def accuracy_verdict(interval: Interval, margin: float) -> Verdict:
    """What may be said of an effect on accuracy."""
    return _word(interval, margin, "helps", "hurts", "no effect larger than the margin")


def gap_verdict(interval: Interval, margin: float) -> GapVerdict:
    """What may be said of an effect on the gap between training and test accuracy."""
    return _word(interval, margin, "grows", "shrinks", "unchanged")


def interaction_verdict(interval: Interval, margin: float) -> InteractionVerdict:
    """What may be said of what two levels together do to accuracy, beyond the sum of both alone."""
    return _word(interval, margin, "more than the sum", "less than the sum", "no interaction larger than the margin")


def gap_interaction_verdict(interval: Interval, margin: float) -> GapInteractionVerdict:
    """What may be said of the gap under two levels together, against the sum of what both alone do to it."""
    return _word(
        interval, margin, "wider than the sum", "narrower than the sum", "no interaction larger than the margin"
    )


def _word(interval: Interval, margin: float, above: Word, below: Word, within: Word) -> Word | Open:
    """The word for an interval above 0, below 0, or within the margin; nothing is decided by any other."""
    if not interval.tested:
        return "not tested"
    if interval.low > 0:
        return above
    if interval.high < 0:
        return below
    return within if _within(interval, margin) else "undecided"


def _within(interval: Interval, margin: float) -> bool:
    return -margin < interval.low and interval.high < margin


def _why_not_tested(interval: Interval) -> str:
    if interval.n < FEWEST:
        return f"fewer than {FEWEST} seeds"
    return "0 under every seed" if identical((interval.mean, 0)) else "the seed changed nothing: check seeding"


def detail(interval: Interval, margin: float) -> str:
    """The size that belongs to the verdict, or what would settle it."""
    if not interval.tested:
        return _why_not_tested(interval)
    if interval.low > 0 or interval.high < 0:
        least = min(abs(interval.low), abs(interval.high))
        most = max(abs(interval.low), abs(interval.high))
        return f"by at least {least:.1f}" + (", but by less than the margin" if most < margin else "")
    if _within(interval, margin):
        return f"within ±{margin:g}"
    seeds = seeds_to_settle(interval, margin)
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


class Judged:
    """What has an interval of the effect on accuracy and one of that on the gap, and the words that belong to them."""

    accuracy: Interval
    gap: Interval
    margin: float

    @property
    def verdict(self) -> Verdict:
        return accuracy_verdict(self.accuracy, self.margin)

    @property
    def gap_verdict(self) -> GapVerdict:
        return gap_verdict(self.gap, self.margin)

    @property
    def detail(self) -> str:
        return detail(self.accuracy, self.margin)

    @property
    def below_margin(self) -> bool:
        """Whether an effect is decided and yet too small to matter."""
        return self.verdict in ("helps", "hurts") and _within(self.accuracy, self.margin)

    @property
    def phrase(self) -> str:
        """Both verdicts together, without sizes."""
        return summary(self.accuracy, self.gap, self.margin)

    @property
    def seeds_needed(self) -> int | None:
        """Seeds in all that would settle what is undecided; None where nothing is, or above 1,000."""
        return seeds_to_settle(self.accuracy, self.margin) if self.verdict == "undecided" else None


def judge(claim: Claim, accuracy: Interval, gap: Interval) -> Judgement:
    """Whether an interval bears out what somebody says."""
    interval = gap if claim.measure == "gap" else accuracy
    if not interval.tested:
        return "not tested"
    low, high = (interval.low, interval.high) if claim.direction == "higher" else (-interval.high, -interval.low)
    if low > 0:
        return "supported"
    return "refuted" if high < 0 else "undecided"
