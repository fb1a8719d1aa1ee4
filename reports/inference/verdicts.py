"""Verdict words: what an interval and a margin, declared before the runs, allow to be said."""

from __future__ import annotations

import math
from typing import Literal, TypeVar

from ablations.claims import Claim
from reports.inference.intervals import FEWEST, MOST_SEEDS, Interval, identical, seeds_to_settle
from runs.checking import CheckRecord

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


def summary(accuracy: Interval, gap: Interval, margin: float, score: str = "accuracy") -> str:
    """Both verdicts as one phrase, where they have one together; `score` is what accuracy is called."""
    word, gap_word = accuracy_verdict(accuracy, margin), gap_verdict(gap, margin)
    if gap_word == "shrinks" and word == "helps":
        return f"reduces overfitting and improves {score}"
    if gap_word == "shrinks" and word == "hurts":
        return "closes the gap by underfitting"
    if gap_word == "shrinks" and accuracy.tested and accuracy.low > -margin:
        return f"reduces overfitting at no cost in {score}"
    if gap_word == "unchanged" and word == "helps":
        return f"improves {score}, not by closing the gap"
    if gap_word == "grows" and word == "helps":
        return f"improves {score} although the gap grows"
    if word == gap_word == "not tested":
        return "not tested"
    if word == gap_word == "undecided":
        return f"undecided, {score} and gap"
    return f"{score}: {word}" + (f"; gap: {gap_word}" if gap_word != "not tested" else "")


def unstable(collapsed: int, runs: int) -> str:
    """The suffix that a verdict carries where runs collapsed, since t covers less than it says there."""
    return f"; unstable: {collapsed} of {runs} runs collapsed" if collapsed else ""


class Judged:
    """What has an interval of the effect on the score and one of that on the gap, and the words that belong to them."""

    accuracy: Interval
    gap: Interval
    margin: float
    score: str

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
        return summary(self.accuracy, self.gap, self.margin, self.score)

    @property
    def seeds_needed(self) -> int | None:
        """Seeds in all that would settle what is undecided; None where nothing is, or above 1,000."""
        return seeds_to_settle(self.accuracy, self.margin) if self.verdict == "undecided" else None


def judge(claim: Claim, interval: Interval, margin: float) -> Judgement:
    """Whether an interval bears out what somebody says."""
    if not interval.tested:
        return "not tested"
    if claim.direction == "same":
        return _same(claim, interval, margin)
    low, high = (interval.low, interval.high) if claim.direction == "higher" else (-interval.high, -interval.low)
    if low > 0:
        return "supported"
    return "refuted" if high < 0 or (claim.compared.exact and high == 0) else "undecided"


def _same(claim: Claim, interval: Interval, margin: float) -> Judgement:
    """Equivalence: supported within the margin, refuted where all of the interval is beyond it."""
    allowed = same_within(claim, margin)
    if claim.compared.exact and interval.low == interval.high == 0:
        return "supported"
    if _within(interval, allowed):
        return "supported"
    return "refuted" if interval.low > allowed or interval.high < -allowed else "undecided"


def same_within(claim: Claim, margin: float) -> float:
    """The largest difference that is still the same, on the scale of the interval: of ratios, the logarithm."""
    given = claim.within or (0.0 if claim.compared.exact else margin)
    return math.log1p(given) if claim.compared.ratio else given


def judge_check(record: CheckRecord | None) -> Judgement:
    """Whether an exact fact holds; not tested where it was not, or could not be, carried out."""
    if record is None or record["reason"]:
        return "not tested"
    return "supported" if record["holds"] else "refuted"
