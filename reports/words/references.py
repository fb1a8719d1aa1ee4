"""The papers that a report rests on, as BibTeX: those of the factors it switched, and the methods it used."""

from __future__ import annotations

from collections.abc import Callable

from ablations.references import bibtex
from ablations.seeds import Looks, Stein
from reports.inference.effects import effects
from reports.inference.interactions import interactions
from reports.study import Study


def references(study: Study) -> str:
    """The entries of all papers, each once: a file for `\\bibliography`."""
    return bibtex([*factors_cite(study), *methods_cite(study)]) + "\n"


def factors_cite(study: Study) -> list[str]:
    """Keys of what the cards of the switched factors name, in the order of the cards."""
    return list(dict.fromkeys(key for factor in study.factors for key in factor.cites))


def methods_cite(study: Study) -> list[str]:
    """Keys of the methods that the study's numbers come from."""
    return [key for key, used in METHODS.items() if used(study)]


def _guarded(study: Study) -> bool:
    return any(interval.prior.df for effect in effects(study) for interval in (effect.accuracy, effect.gap))


def _noisy_labels(study: Study) -> bool:
    """Only where labels are noisy do those trained on and the true ones give two accuracies."""
    runs = study.runs[["train_accuracy", "train_accuracy_clean"]].dropna()
    return bool((runs["train_accuracy"] != runs["train_accuracy_clean"]).any())


METHODS: dict[str, Callable[[Study], bool]] = {
    "student1908probable": lambda study: True,
    "dunn1961multiple": lambda study: study.family > 1 or isinstance(study.sampling, Looks),
    "smyth2004linear": _guarded,
    "stein1945two": lambda study: isinstance(study.sampling, Stein),
    "yates1937design": lambda study: bool(interactions(study)),
    "zhang2017understanding": _noisy_labels,
}
"""The paper of each method, and whether a study used it."""
