"""The answer, in at most five sentences, numbers first."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from statistics import fmean

from ablations.arms import BASELINE, SHAM
from ablations.designs import PLAIN
from reports.inference.architectures import Overall, overall
from reports.inference.effects import Effect, effects
from reports.inference.intervals import FEWEST
from reports.numbers import few, plus_minus, points
from reports.study import Study

WITHIN = "no effect larger than the margin"
MOST_NAMED = 8
"""Arms that one sentence names; a reader in a hurry finds the others in the table."""


def answer(study: Study) -> list[str]:
    """What a person in a hurry has to know: on the one architecture, over all of them, or else one after the other."""
    if not study.comparable:
        return ["The baseline left no numbers, so nothing can be compared."]
    if over := overall(study):
        return _told(study, study.comparable, over)
    return [sentence for model in study.comparable for sentence in _of_model(study, model)]


def _of_model(study: Study, model: str) -> list[str]:
    found = [effect for effect in effects(study) if effect.model == model]
    first, *others = _told(study, [model], found)
    return [f"On {model}: {first}" if len(study.models) > 1 else first, *others]


def _told(study: Study, models: Sequence[str], found: Sequence[Effect | Overall]) -> list[str]:
    found = [effect for effect in found if effect.arm != SHAM]
    helping, hurting = ([e for e in found if e.verdict == word] for word in ("helps", "hurts"))
    sentences = [
        baseline_sentence(study, models),
        best_sentence(study, helping[0]) if helping else _nothing_helps(study, found),
        f"It rose also with {_listed(study, helping[1:])}." if helping[1:] else "",
        f"Test {study.score} fell with {_listed(study, hurting[::-1])}." if hurting else "",
        _rest(study, found),
    ]
    return [sentence for sentence in sentences if sentence]


def baseline_sentence(study: Study, models: Sequence[str]) -> str:
    """How the baseline fares, on average where there are several architectures."""
    names = ("train_accuracy", "test_accuracy", "gap")
    train, test, gap = (fmean(study.mean(name, model, BASELINE) for model in models) for name in names)
    who = f"The baseline, with all of {', '.join(study.full_set)}," if study.full_set else "The baseline"
    where = f" on average over {len(models)} architectures" if len(models) > 1 else ""
    if math.isnan(train) or math.isnan(gap):
        return f"{who} tests at {test:.1f} %{where}."
    expected = train - gap
    noisy = f", or {expected:.1f} % under the label noise it was trained on" if abs(expected - test) >= 0.05 else ""
    return f"{who} trains to {train:.1f} % and tests at {test:.1f} %{where}{noisy}: a gap of {gap:.1f} points."


def best_sentence(study: Study, best: Effect | Overall) -> str:
    """The arm that helps most, with all that belongs to a claim."""
    interval, arm = best.accuracy, _capital(_said(study, best.arm))
    size = f"95 % CI {interval.low:.1f} to {interval.high:.1f}, {interval.n} seeds; {_how_often(best)}"
    small = ", less than the margin" if best.below_margin else ""
    return f"{arm} raised test {study.score} by {interval.mean:.1f} points ({size}){small}{_closed(best)}{_cost(best)}."


def _how_often(best: Effect | Overall) -> str:
    if isinstance(best, Overall):
        return f"better on {best.better} of {best.models} architectures; a claim about {best.reach}"
    return f"better in {best.better} of {best.accuracy.n}"


def _closed(best: Effect | Overall) -> str:
    if isinstance(best, Overall) or best.gap_verdict != "shrinks" or not best.gap_closed.known:
        return ""
    return f" and closed {100 * best.gap_closed.share:.0f} % of the gap"


def _cost(best: Effect | Overall) -> str:
    return "" if math.isnan(best.time_ratio) else f", for {best.time_ratio:.1f} times the training time"


def _nothing_helps(study: Study, found: Sequence[Effect | Overall]) -> str:
    if not found:
        return "There is no arm to compare with it."
    if any(effect.accuracy.tested for effect in found):
        return f"No arm is shown to raise test {study.score}."
    if all(effect.accuracy.n < FEWEST for effect in found):
        return f"Nothing is tested yet: that takes at least {FEWEST} seeds that an arm shares with the baseline."
    return "Nothing is tested: the seed changes nothing; check seeding."


def _rest(study: Study, found: Sequence[Effect | Overall]) -> str:
    """The arms that neither help nor hurt."""
    undecided = [effect for effect in found if effect.verdict == "undecided"]
    parts = {
        f"no effect larger than {points(study.margin)}": [e for e in found if e.verdict == WITHIN],
        f"{study.score} undecided, but the gap shrinks": [e for e in undecided if e.gap_verdict == "shrinks"],
        "undecided": [e for e in undecided if e.gap_verdict != "shrinks"],
    }
    told = [f"{word}: {few([_said(study, e.arm) for e in some], MOST_NAMED)}" for word, some in parts.items() if some]
    return f"{_capital('; '.join(told))}." if told else ""


def _listed(study: Study, found: Sequence[Effect | Overall]) -> str:
    return few([f"{_said(study, e.arm)} ({plus_minus(e.accuracy.mean, e.accuracy.half)})" for e in found], MOST_NAMED)


def _said(study: Study, arm: str) -> str:
    """The arm as a part of a sentence: its name or, of a full set, what is done to that."""
    if not study.full_set:
        return arm
    return "leaving out all of them" if arm == PLAIN else re.sub("^without ", "leaving out ", arm)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
