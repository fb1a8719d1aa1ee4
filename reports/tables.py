"""The main table: one set of rows, written as CSV, Markdown and LaTeX."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

import pandas as pd

from ablations.arms import BASELINE, SHAM
from ablations.designs import PLAIN
from reports.effects import Effect, effects
from reports.study import Study
from reports.verdicts import DECIDED

NONE, MINUS = "–", "\N{MINUS SIGN}"


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


class Column(NamedTuple):
    """A column of the table, in whatever form it is written."""

    heading: str
    text: Callable[[Row], str]
    numeric: bool = True
    bold: Callable[[Row], bool] = lambda row: False
    """Whether a cell says something that is decided: bold must not decorate chance."""


MODEL = Column("Model", attrgetter("model"), numeric=False)
ARM = Column("Arm", attrgetter("arm"), numeric=False, bold=attrgetter("decided"))
RESULTS = (
    Column("n", attrgetter("n")),
    Column("Test accuracy", attrgetter("accuracy")),
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
    return (*several, ARM, *RESULTS, VERDICT, *(SIZES if _sizes_differ(study) else ()), TIME)


def _sizes_differ(study: Study) -> bool:
    """Whether a reader would see it: 22 parameters more of a batch norm are none in tens of thousands."""
    sizes = {
        model: {(_count(runs["parameters"]), _count(runs["macs"])) for _, runs in cells.groupby("arm")}
        for model, cells in study.runs.groupby("model")
    }
    return any(len(arms) > 1 for arms in sizes.values())


def rows(study: Study) -> list[Row]:
    """The baseline on top of each model's arms, the best first, the sham last."""
    found = effects(study)
    lines: list[Row] = []
    for model in study.models:
        lines.append(_baseline_row(study, model))
        lines += [_row(study, effect) for effect in found if effect.model == model]
    return lines


def _baseline_row(study: Study, model: str) -> Row:
    base = study.cell(model, BASELINE)
    return Row(
        model, BASELINE, str(len(base)), number(base["test_accuracy"].mean()), NONE, number(base["gap"].mean()), NONE,
        "compared with", _count(base["parameters"]), _count(base["macs"]),
        "1.0×" if base["seconds"].notna().any() else NONE,
    )  # fmt: skip


def _row(study: Study, e: Effect) -> Row:
    runs = study.cell(e.model, e.arm)
    return Row(
        e.model, e.arm, str(e.accuracy.n), number(e.test_accuracy), plus_minus(e.accuracy.mean, e.accuracy.half),
        number(e.mean_gap), plus_minus(e.gap.mean, e.gap.half), _said(e),
        _count(runs["parameters"]), _count(runs["macs"]), NONE if math.isnan(e.time_ratio) else f"{e.time_ratio:.1f}×",
        e.verdict in DECIDED and e.arm != SHAM, e.gap_verdict in DECIDED and e.arm != SHAM,
    )  # fmt: skip


def _said(e: Effect) -> str:
    """The verdict, with what would settle it where it is open."""
    return f"{e.summary} ({e.detail})" if e.verdict in ("undecided", "not tested") and e.arm != SHAM else e.summary


def number(value: float) -> str:
    return NONE if math.isnan(value) else f"{value:.1f}".replace("-", MINUS)


def _count(values: pd.Series) -> str:
    """A number of parameters or operations, as people say it."""
    known = values.dropna()
    if known.empty:
        return NONE
    count = float(known.mean())
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g} {letter}"
    return f"{count:.0f}"


def plus_minus(mean: float, half: float, digits: int = 1) -> str:
    if math.isnan(mean):
        return NONE
    return signed(mean, digits) if math.isnan(half) else f"{signed(mean, digits)} ± {half:.{digits}f}"


def points(size: float) -> str:
    return f"{size:g} point{'s' * (size != 1)}"


def signed(value: float, digits: int = 1) -> str:
    """With a true minus sign, which is as wide as the plus; what rounds to nothing has no sign of its own."""
    return f"{round(value, digits) + 0.0:+.{digits}f}".replace("-", MINUS)


def footnote(study: Study) -> str:
    """What the numbers mean: n, what +- is, the family, the margin, the direction of the gap."""
    compared = f"{study.family} comparison{'s' * (study.family > 1)}"
    return (
        "Means over paired seeds, in percent and points. ± is half of a 95 % confidence interval of the mean "
        f"difference to the baseline under the same seed (paired t), simultaneous over {compared}. Gap: training "
        "accuracy less the test accuracy expected under the same label noise. Margin declared before the runs: "
        f"{points(study.margin)}. Bold: decided. The sham changes nothing: its row is the noise floor."
        + (f" {_about_full_set(study)}" if study.full_set else "")
    )


def _about_full_set(study: Study) -> str:
    without = f"; the arm {PLAIN} is the recipe without any of them" if PLAIN in study.tested else ""
    return f"The baseline has all of {', '.join(study.full_set)}; an effect is what taking some away does{without}."


def markdown(study: Study) -> str:
    """The table in Markdown, under the question and the answer."""
    from reports.answer import answer

    shown = columns(study)
    align = ["---:" if column.numeric else ":---" for column in shown]
    lines = [f"| {' | '.join(column.heading for column in shown)} |", f"| {' | '.join(align)} |"]
    for row in rows(study):
        lines.append(f"| {' | '.join(_pipe(cell) for cell in _emphasised(row, shown, '**{}**'))} |")
    title = study.question or study.name
    return "\n\n".join([f"**{_pipe(title)}**", " ".join(answer(study)), "\n".join(lines), footnote(study)]) + "\n"


def latex(study: Study) -> str:
    """The table for a paper; needs the booktabs package."""
    shown = columns(study)
    alignment = "".join("r" if column.numeric else "l" for column in shown)
    body = [" & ".join(_tex(column.heading) for column in shown) + r" \\", r"\midrule"]
    for row in rows(study):
        body.append(" & ".join(_emphasised(row, shown, r"\textbf{{{}}}", _tex)) + r" \\")
        body += [r"\midrule"] if row.arm == BASELINE else []
    return "\n".join([
        r"% \usepackage{booktabs}", r"\begin{table}", r"\centering", r"\small",
        rf"\caption{{{_tex(study.question)} {_tex(footnote(study))}}}", rf"\label{{tab:{study.name}}}",
        rf"\begin{{tabular}}{{{alignment}}}", r"\toprule", *body, r"\bottomrule", r"\end{tabular}", r"\end{table}", "",
    ])  # fmt: skip


def table_frame(study: Study) -> pd.DataFrame:
    """The table's numbers in full, the baseline among them."""
    lines = [
        {"model": model, "arm": BASELINE, "n": len(study.cell(model, BASELINE)),
         **_means(study.cell(model, BASELINE), "test_accuracy", "gap", *MEASURED)}
        for model in study.models
    ] + [
        {"model": e.model, "arm": e.arm, "n": e.accuracy.n, "test_accuracy": e.test_accuracy, "effect": e.accuracy.mean,
         "low": e.accuracy.low, "high": e.accuracy.high, "verdict": e.verdict, "gap": e.mean_gap,
         "gap_effect": e.gap.mean,
         "gap_low": e.gap.low, "gap_high": e.gap.high, "gap_verdict": e.gap_verdict, "summary": e.summary,
         "better_seeds": e.better, "collapsed": e.collapsed, "time_ratio": e.time_ratio,
         **_means(study.cell(e.model, e.arm), *MEASURED)}
        for e in effects(study)
    ]  # fmt: skip
    names = [
        "model", "arm", "n", "test_accuracy", "effect", "low", "high", "verdict", "gap", "gap_effect", "gap_low",
        "gap_high", "gap_verdict", "summary", "better_seeds", "collapsed", "parameters", "macs", "seconds",
        "time_ratio",
    ]  # fmt: skip
    return pd.DataFrame(lines, columns=names)


MEASURED = ("parameters", "macs", "seconds")


def _means(runs: pd.DataFrame, *names: str) -> dict[str, float]:
    return {name: runs[name].mean() for name in names}


def _emphasised(row: Row, shown: Sequence[Column], form: str, escape: Callable[[str], str] = str) -> Iterator[str]:
    """The cells, bold where something is decided."""
    for column in shown:
        text = escape(column.text(row))
        yield form.format(text) if column.bold(row) else text


def _pipe(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


_TEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "×": r"$\times$", "–": "--",
    "−": "$-$", "<": "$<$", ">": "$>$", "·": r"$\cdot$",
}  # fmt: skip


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)
