"""The answer, in at most five sentences, numbers first."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from ablations.arms import BASELINE, SHAM
from ablations.designs import PLAIN
from reports.effects import Effect, effects
from reports.study import Study
from reports.tables import plus_minus, points


def answer(study: Study) -> list[str]:
    """What a person in a hurry has to know; one model at a time where there are several."""
    return [sentence for model in study.models for sentence in _of_model(study, model)]


def _of_model(study: Study, model: str) -> list[str]:
    found = [e for e in effects(study) if e.model == model and e.arm != SHAM]
    where = f"On {model}: " if len(study.models) > 1 else ""
    helping, hurting = ([e for e in found if e.verdict == word] for word in ("helps", "hurts"))
    idle = [e for e in found if e.verdict == "no effect larger than the margin"]
    open_ = [e for e in found if e.verdict == "undecided"]
    sentences = [
        baseline_sentence(study, model),
        best_sentence(study, helping[0]) if helping else _nothing_helps(found),
        f"So did {_listed(study, helping[1:])}." if helping[1:] else "",
        f"Test accuracy fell with {_listed(study, hurting)}." if hurting else "",
        _rest(study, idle, open_),
    ]
    told = [sentence for sentence in sentences if sentence]
    return [where + told[0], *told[1:]] if told else []


def baseline_sentence(study: Study, model: str) -> str:
    """How the baseline fares."""
    base = study.cell(model, BASELINE)
    train, test, gap = (base[name].mean() for name in ("train_accuracy", "test_accuracy", "gap"))
    if math.isnan(test):
        return "The baseline left no numbers, so nothing can be compared."
    who = f"The baseline, with all of {', '.join(study.full_set)}," if study.full_set else "The baseline"
    if math.isnan(train) or math.isnan(gap):
        return f"{who} tests at {test:.1f} %."
    return f"{who} trains to {train:.1f} % and tests at {test:.1f} %: a gap of {gap:.1f} points, like with like."


def best_sentence(study: Study, best: Effect) -> str:
    """The arm that helps most, with all that belongs to a claim."""
    interval, arm = best.accuracy, _capital(_said(study, best.arm))
    text = (
        f"{arm} raised test accuracy by {interval.mean:.1f} points (95 % CI {interval.low:.1f} to "
        f"{interval.high:.1f}, {interval.n} seeds; better in {best.better} of {interval.n})"
    )
    if best.gap_verdict == "shrinks" and best.baseline_gap > 0:
        text += f" and closed {100 * best.gap_closed:.0f} % of the gap"
    return text + (f", for {best.time_ratio:.1f} times the training time." if not math.isnan(best.time_ratio) else ".")


def _nothing_helps(found: Iterable[Effect]) -> str:
    tested = [e for e in found if e.accuracy.tested]
    return (
        "No arm is shown to raise test accuracy." if tested else "Nothing is tested yet: that takes at least 3 seeds."
    )


def _rest(study: Study, idle: list[Effect], undecided: list[Effect]) -> str:
    parts = []
    if idle:
        parts.append(f"no effect larger than {points(study.margin)}: {', '.join(_said(study, e.arm) for e in idle)}")
    if undecided:
        parts.append(f"undecided: {', '.join(_said(study, e.arm) for e in undecided)}")
    return f"{_capital('; '.join(parts))}." if parts else ""


def _listed(study: Study, found: list[Effect]) -> str:
    return ", ".join(f"{_said(study, e.arm)} ({plus_minus(e.accuracy.mean, e.accuracy.half)})" for e in found)


def _said(study: Study, arm: str) -> str:
    """The arm as a part of a sentence: its name or, of a full set, what is done to that."""
    if not study.full_set:
        return arm
    return "leaving out all of them" if arm == PLAIN else re.sub("^without ", "leaving out ", arm)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
