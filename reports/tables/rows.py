"""The main table: its rows and columns, whatever form they are written in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from ablations.arms import BASELINE, SHAM
from reports.inference.effects import Effect, effects
from reports.inference.verdicts import DECIDED
from reports.numbers import NONE, count, number, plus_minus
from reports.study import Study


@dataclass(frozen=True)
class Row:
    """One line as a reader sees it."""

    model: str
    arm: str
    n: str
    accuracy: str
    effect: str
    gap: str
    gap_effect: str
    verdict: str
    parameters: str
    macs: str
    time: str
    decided: bool = False
    gap_decided: bool = False
    summary: str = ""
    """The verdict alone, without sizes; none of the baseline's."""
    collapsed: str = ""
    """How many of its runs collapsed, where any did."""


class Column(NamedTuple):
    """A column of the table, in whatever form it is written."""

    heading: str
    text: Callable[[Row], str]
    numeric: bool = True
    bold: Callable[[Row], bool] = lambda row: False
    """Whether a cell says something that is decided: bold must not decorate chance."""


MODEL = Column("Model", attrgetter("model"), numeric=False)
ARM = Column("Arm", attrgetter("arm"), numeric=False, bold=attrgetter("decided"))
N = Column("n", attrgetter("n"))
RESULTS = (
    Column("Effect", attrgetter("effect"), bold=attrgetter("decided")),
    Column("Gap", attrgetter("gap")),
    Column("Change of gap", attrgetter("gap_effect"), bold=attrgetter("gap_decided")),
)
VERDICT = Column("Verdict", attrgetter("verdict"), numeric=False)
SIZES = (Column("Parameters", attrgetter("parameters")), Column("MACs", attrgetter("macs")))
TIME = Column("Time", attrgetter("time"))


def columns(study: Study) -> tuple[Column, ...]:
    """Those that tell rows apart: models where there are several, sizes where arms differ in them."""
    several = (MODEL,) if len(study.models) > 1 else ()
    score = Column(f"Test {study.score}", attrgetter("accuracy"))
    return (*several, ARM, N, score, *RESULTS, VERDICT, *(SIZES if _sizes_differ(study) else ()), TIME)


def _sizes_differ(study: Study) -> bool:
    """Whether a reader would see it: 22 parameters more of a batch norm are none in tens of thousands."""
    sizes = [{_sizes(study, model, arm) for arm in study.arm_names if study.has(model, arm)} for model in study.models]
    return any(len(arms) > 1 for arms in sizes)


def _sizes(study: Study, model: str, arm: str) -> tuple[str, str]:
    """Parameters and operations."""
    return count(study.mean("parameters", model, arm)), count(study.mean("macs", model, arm))


@lru_cache(maxsize=4)
def rows(study: Study) -> tuple[Row, ...]:
    """The baseline on top of each model's arms, the best first, the sham last."""
    found = effects(study)
    lines: list[Row] = []
    for model in study.models:
        lines.append(_baseline_row(study, model))
        lines += [_row(study, effect) for effect in found if effect.model == model]
    return tuple(lines)


def _baseline_row(study: Study, model: str) -> Row:
    accuracy, gap, seconds = (study.mean(name, model, BASELINE) for name in ("test_accuracy", "gap", "seconds"))
    return Row(
        model, BASELINE, str(study.count(model, BASELINE)), number(accuracy), NONE, number(gap), NONE,
        "compared with", *_sizes(study, model, BASELINE), NONE if math.isnan(seconds) else "1.0×",
    )  # fmt: skip


def _row(study: Study, e: Effect) -> Row:
    return Row(
        e.model, e.arm, str(e.accuracy.n), number(e.test_accuracy), plus_minus(e.accuracy.mean, e.accuracy.half),
        number(e.mean_gap), plus_minus(e.gap.mean, e.gap.half), _said(e),
        *_sizes(study, e.model, e.arm), NONE if math.isnan(e.time_ratio) else f"{e.time_ratio:.1f}×",
        e.verdict in DECIDED and e.arm != SHAM, e.gap_verdict in DECIDED and e.arm != SHAM,
        e.phrase, f"{e.collapsed}/{e.runs}" if e.collapsed else "",
    )  # fmt: skip


def _said(e: Effect) -> str:
    """The verdict, with what would settle it where it is open, and with its size where that is below the margin."""
    told = e.verdict in ("undecided", "not tested") or e.below_margin
    return f"{e.summary} ({e.detail})" if told and e.arm != SHAM else e.summary


def emphasised(row: Row, shown: Sequence[Column], form: str, escape: Callable[[str], str] = str) -> Iterator[str]:
    """The cells of a row as text, bold where something is decided."""
    for column in shown:
        text = escape(column.text(row))
        yield form.format(text) if column.bold(row) else text
