"""Whether what a report says of an arm is true."""

from __future__ import annotations

from collections.abc import Callable

from reports.inference.effects import Effect

Truth = tuple[float, float]
"""The true effects on accuracy and on the gap, in points."""
IDLE, UNCHANGED = "no effect larger than the margin", "unchanged"

ACCURACY: dict[str, Callable[[float, float], bool]] = {
    "helps": lambda true, margin: true > 0,
    "hurts": lambda true, margin: true < 0,
    IDLE: lambda true, margin: abs(true) < margin,
}
GAP: dict[str, Callable[[float, float], bool]] = {
    "grows": lambda true, margin: true > 0,
    "shrinks": lambda true, margin: true < 0,
    UNCHANGED: lambda true, margin: abs(true) < margin,
}
TOGETHER: dict[str, Callable[[float, float, float], bool]] = {
    "reduces overfitting and improves accuracy": lambda accuracy, gap, margin: gap < 0 < accuracy,
    "closes the gap by underfitting": lambda accuracy, gap, margin: gap < 0 and accuracy < 0,
    "reduces overfitting at no cost in accuracy": lambda accuracy, gap, margin: gap < 0 and accuracy > -margin,
    "improves accuracy, not by closing the gap": lambda accuracy, gap, margin: accuracy > 0 and abs(gap) < margin,
    "improves accuracy although the gap grows": lambda accuracy, gap, margin: accuracy > 0 and gap > 0,
    "undecided, accuracy and gap": lambda accuracy, gap, margin: True,
    "not tested": lambda accuracy, gap, margin: True,
}


def accuracy_is_wrong(effect: Effect, truth: Truth) -> bool:
    said = ACCURACY.get(effect.verdict)
    return said is not None and not said(truth[0], effect.margin)


def gap_is_wrong(effect: Effect, truth: Truth) -> bool:
    said = GAP.get(effect.gap_verdict)
    return said is not None and not said(truth[1], effect.margin)


def summary_is_wrong(effect: Effect, truth: Truth) -> bool:
    """Where accuracy and gap have no phrase together, the two words stand apart."""
    phrase = effect.summary.split("; unstable")[0]
    if phrase.startswith("accuracy: "):
        return accuracy_is_wrong(effect, truth) or gap_is_wrong(effect, truth)
    return not TOGETHER[phrase](*truth, effect.margin)


def sign_is_wrong(effect: Effect, truth: Truth) -> bool:
    return (effect.verdict == "helps" and truth[0] < 0) or (effect.verdict == "hurts" and truth[0] > 0)
