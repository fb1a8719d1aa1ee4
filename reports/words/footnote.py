"""The footnote of the table: what its numbers mean."""

from __future__ import annotations

from collections.abc import Iterator

from ablations.arms import SHAM
from ablations.designs import PLAIN
from ablations.seeds import Looks, Stein
from reports.inference.effects import effects
from reports.inference.guard import Prior
from reports.inference.pairing import pairing_in_words
from reports.numbers import points
from reports.study import Study


def footnote(study: Study) -> str:
    """What the numbers mean: n, what +- is, the family, the margin, the direction of the gap."""
    return " ".join(_sentences(study))


def _sentences(study: Study) -> Iterator[str]:
    compared = f"{study.family} comparison{'s' * (study.family > 1)}"
    yield (
        "Means over paired seeds (n of them), in percent and points. ± is half of a 95 % confidence interval of the "
        f"mean difference to the baseline under the same seed ({_test(study)}), simultaneous over {compared}"
        f"{_looks(study)}."
    )
    yield (
        f"Gap: training {study.score} less the test {study.score} expected under the same label noise."
        if study.ours
        else f"Gap: training less test {study.score}, or as the file has it."
    )
    declared = " declared before the runs" if study.ours else ""
    yield f"Margin{declared}: {points(study.margin)}. Bold: decided."
    yield from filter(None, [pairing_in_words(study)])
    if SHAM in study.row_of:
        yield "The sham changes nothing: its row is the noise floor."
    yield from _about_full_set(study)


def _test(study: Study) -> str:
    if isinstance(study.sampling, Stein):
        return "two-stage t, Stein 1945"
    lent = max((effect.accuracy.prior for effect in effects(study)), default=Prior(), key=lambda prior: prior.df)
    if not lent.df:
        return "paired t"
    return (
        f"paired t with guarded variance: the arms lend each other {lent.df:.1f} degrees of freedom, Smyth 2004, and "
        "none counts as steadier than it was seen"
    )


def _looks(study: Study) -> str:
    if not isinstance(study.sampling, Looks):
        return ""
    return f" and over the {len(study.sampling.looks)} declared looks, at {study.sampling.listed} seeds"


def _about_full_set(study: Study) -> Iterator[str]:
    if study.full_set:
        without = f"; the arm {PLAIN} is the recipe without any of them" if PLAIN in study.tested else ""
        yield f"The baseline has all of {', '.join(study.full_set)}; an effect is what taking some away does{without}."
