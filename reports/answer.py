"""The answer, in at most five sentences, numbers first."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ablations.arms import BASELINE, SHAM
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
        f"So did {_listed(helping[1:])}." if helping[1:] else "",
        f"Test accuracy fell with {_listed(hurting)}." if hurting else "",
        _rest(idle, open_, study.margin),
    ]
    told = [sentence for sentence in sentences if sentence]
    return [where + told[0], *told[1:]] if told else []


def baseline_sentence(study: Study, model: str) -> str:
    """How the baseline fares."""
    base = study.cell(model, BASELINE)
    train, test, gap = (base[name].mean() for name in ("train_accuracy", "test_accuracy", "gap"))
    if math.isnan(test):
        return "The baseline left no numbers, so nothing can be compared."
    if math.isnan(train) or math.isnan(gap):
        return f"The baseline tests at {test:.1f} %."
    return f"The baseline trains to {train:.1f} % and tests at {test:.1f} %: a gap of {gap:.1f} points, like with like."


def best_sentence(study: Study, best: Effect) -> str:
    """The arm that helps most, with all that belongs to a claim."""
    interval = best.accuracy
    text = (
        f"{_name(best.arm)} raised test accuracy by {interval.mean:.1f} points (95 % CI {interval.low:.1f} to "
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


def _rest(idle: list[Effect], undecided: list[Effect], margin: float) -> str:
    parts = []
    if idle:
        parts.append(f"no effect larger than {points(margin)}: {', '.join(e.arm for e in idle)}")
    if undecided:
        parts.append(f"undecided: {', '.join(e.arm for e in undecided)}")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _listed(found: list[Effect]) -> str:
    return ", ".join(f"{e.arm} ({plus_minus(e.accuracy.mean, e.accuracy.half)})" for e in found)


def _name(arm: str) -> str:
    return arm[0].upper() + arm[1:]
