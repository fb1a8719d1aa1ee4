"""The main table: one set of rows, written as CSV, Markdown and LaTeX."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from ablations.arms import BASELINE, SHAM
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
    time: str
    decided: bool = False
    gap_decided: bool = False

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.arm, self.n, self.accuracy, self.effect, self.gap, self.gap_effect, self.verdict, self.time)


HEADINGS = ("Arm", "n", "Test accuracy", "Effect", "Gap", "Change of gap", "Verdict", "Time")
NUMERIC = frozenset({"n", "Test accuracy", "Effect", "Gap", "Change of gap", "Time"})


def rows(study: Study) -> list[Row]:
    """The baseline on top of each model's arms, the best first, the sham last."""
    found = effects(study)
    lines: list[Row] = []
    for model in study.models:
        lines.append(_baseline_row(study, model))
        lines += [_row(effect) for effect in found if effect.model == model]
    return lines


def _baseline_row(study: Study, model: str) -> Row:
    base = study.cell(model, BASELINE)
    return Row(
        model, BASELINE, str(len(base)), number(base["test_accuracy"].mean()), NONE, number(base["gap"].mean()), NONE,
        "compared with", "1.0×" if base["seconds"].notna().any() else NONE,
    )  # fmt: skip


def _row(e: Effect) -> Row:
    return Row(
        e.model, e.arm, str(e.accuracy.n), number(e.test_accuracy), plus_minus(e.accuracy.mean, e.accuracy.half),
        number(e.mean_gap), plus_minus(e.gap.mean, e.gap.half), _said(e),
        NONE if math.isnan(e.time_ratio) else f"{e.time_ratio:.1f}×",
        e.verdict in DECIDED and e.arm != SHAM, e.gap_verdict in DECIDED and e.arm != SHAM,
    )  # fmt: skip


def _said(e: Effect) -> str:
    """The verdict, with what would settle it where it is open."""
    return f"{e.summary} ({e.detail})" if e.verdict in ("undecided", "not tested") and e.arm != SHAM else e.summary


def number(value: float) -> str:
    return NONE if math.isnan(value) else f"{value:.1f}".replace("-", MINUS)


def plus_minus(mean: float, half: float) -> str:
    if math.isnan(mean):
        return NONE
    return signed(mean) if math.isnan(half) else f"{signed(mean)} ± {half:.1f}"


def points(size: float) -> str:
    return f"{size:g} point{'s' * (size != 1)}"


def signed(value: float) -> str:
    """With a true minus sign, which is as wide as the plus."""
    return f"{value:+.1f}".replace("-", MINUS)


def footnote(study: Study) -> str:
    """What the numbers mean: n, what +- is, the family, the margin, the direction of the gap."""
    compared = f"{study.family} comparison{'s' * (study.family > 1)}"
    return (
        "Means over paired seeds, in percent and points. ± is half of a 95 % confidence interval of the mean "
        f"difference to the baseline under the same seed (paired t), simultaneous over {compared}. Gap: training "
        "accuracy less the test accuracy expected under the same label noise. Margin declared before the runs: "
        f"{points(study.margin)}. Bold: decided. The sham changes nothing: its row is the noise floor."
    )


def markdown(study: Study) -> str:
    """The table in Markdown, under the question and the answer."""
    from reports.answer import answer

    several = len(study.models) > 1
    head = (["Model"] if several else []) + list(HEADINGS)
    align = ["---:" if name in NUMERIC else ":---" for name in head]
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join(align)} |"]
    for row in rows(study):
        cells = [_pipe(cell) for cell in ([row.model] if several else []) + list(_emphasised(row, "**{}**"))]
        lines.append(f"| {' | '.join(cells)} |")
    title = study.question or study.name
    return "\n\n".join([f"**{_pipe(title)}**", " ".join(answer(study)), "\n".join(lines), footnote(study)]) + "\n"


def latex(study: Study) -> str:
    """The table for a paper; needs the booktabs package."""
    several = len(study.models) > 1
    head = (["Model"] if several else []) + list(HEADINGS)
    columns = "".join("r" if name in NUMERIC else "l" for name in head)
    body = [" & ".join(_tex(name) for name in head) + r" \\", r"\midrule"]
    for row in rows(study):
        cells = [_tex(row.model)] * several + list(_emphasised(row, r"\textbf{{{}}}", _tex))
        body.append(" & ".join(cells) + r" \\")
        body += [r"\midrule"] if row.arm == BASELINE else []
    return "\n".join([
        r"% \usepackage{booktabs}", r"\begin{table}", r"\centering", r"\small",
        rf"\caption{{{_tex(study.question)} {_tex(footnote(study))}}}", rf"\label{{tab:{study.name}}}",
        rf"\begin{{tabular}}{{{columns}}}", r"\toprule", *body, r"\bottomrule", r"\end{tabular}", r"\end{table}", "",
    ])  # fmt: skip


def table_frame(study: Study) -> pd.DataFrame:
    """The table's numbers in full, the baseline among them."""
    lines = [
        {"model": model, "arm": BASELINE, "n": len(study.cell(model, BASELINE)),
         **{name: study.cell(model, BASELINE)[name].mean() for name in ("test_accuracy", "gap", "seconds")}}
        for model in study.models
    ] + [
        {"model": e.model, "arm": e.arm, "n": e.accuracy.n, "test_accuracy": e.test_accuracy, "effect": e.accuracy.mean,
         "low": e.accuracy.low, "high": e.accuracy.high, "verdict": e.verdict, "gap": e.mean_gap,
         "gap_effect": e.gap.mean,
         "gap_low": e.gap.low, "gap_high": e.gap.high, "gap_verdict": e.gap_verdict, "summary": e.summary,
         "better_seeds": e.better, "collapsed": e.collapsed, "time_ratio": e.time_ratio,
         "seconds": study.cell(e.model, e.arm)["seconds"].mean()}
        for e in effects(study)
    ]  # fmt: skip
    columns = [
        "model", "arm", "n", "test_accuracy", "effect", "low", "high", "verdict", "gap", "gap_effect", "gap_low",
        "gap_high", "gap_verdict", "summary", "better_seeds", "collapsed", "seconds", "time_ratio",
    ]  # fmt: skip
    return pd.DataFrame(lines, columns=columns)


def _emphasised(row: Row, form: str, escape: object = None) -> list[str]:
    """The cells, bold where something is decided: bold must not decorate chance."""
    written = escape if callable(escape) else str
    bold = {3: row.decided, 5: row.gap_decided, 0: row.decided}
    return [form.format(written(cell)) if bold.get(i) else written(cell) for i, cell in enumerate(row.cells)]


def _pipe(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


_TEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "×": r"$\times$", "–": "--",
    "−": "$-$", "<": "$<$", ">": "$>$", "·": r"$\cdot$",
}  # fmt: skip


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)
