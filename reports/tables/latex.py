"""The table in LaTeX, for a paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import ceil
from string import ascii_letters

from ablations.arms import BASELINE
from reports.numbers import NONE
from reports.study import Study
from reports.tables.rows import ARM, MODEL, SIZES, VERDICT, Column, Row, columns, emphasised, rows
from reports.tables.tex import tex, unset
from reports.words.footnote import footnote

LONGEST_NAME = 22
"""Characters up to which an arm's name stands in one line."""
WRAPPED_NAME, CAPTION, LEGEND = 18, 80, 100
"""Characters in a line of a name that does not, of the caption, and of what explains the verdicts."""
MOST_LINES = 50
"""Lines of the table's size that fit a page, those of the caption being larger; a taller table is broken over pages."""

NARROWER = r"\setlength{\tabcolsep}{3.5pt}"


def latex(study: Study) -> str:
    """The table for a paper, no wider than its text: verdicts are letters, explained below; sizes are left out.

    Needs booktabs, and longtable where it is taller than a page.
    """
    shown = [column for column in columns(study) if column not in (MODEL, *SIZES)]
    lines = rows(study)
    keys = _keys(lines)
    head = [" & ".join(map(_heading, shown)) + r" \\", r"\midrule"]
    body = [*_body(study, lines, shown, keys), r"\bottomrule"]
    legend = _legend(keys, lines)
    long = _height(study, lines, legend) > MOST_LINES
    form = _long if long else _floating
    return "\n".join([*_comments(lines, long), *form(study, _alignment(lines, shown), head, body, legend), ""])


def _height(study: Study, lines: Sequence[Row], legend: str) -> float:
    """About how many lines of the table's size all of it takes."""
    heads = 2 * len(study.models) if len(study.models) > 1 else 0
    return sum(_lines(row.arm) for row in lines) + heads + 1.3 * len(_said(study)) / CAPTION + len(legend) / LEGEND


def _lines(name: str) -> int:
    return 1 if len(name) <= LONGEST_NAME else ceil(len(name) / WRAPPED_NAME)


def _comments(lines: Sequence[Row], long: bool) -> Iterator[str]:
    yield r"% \usepackage{booktabs,longtable}" if long else r"% \usepackage{booktabs}"
    if not long:
        yield "% In two columns, table* is as wide as the page."
    if any(unset(row.arm + row.model) for row in lines):
        yield "% pdflatex has no signs for some letters; they stand in brackets, by their Unicode names."


def _floating(study: Study, alignment: str, head: list[str], body: list[str], legend: str) -> list[str]:
    return [
        r"\begin{table}", r"\centering", _caption(study), r"\par\smallskip\footnotesize", NARROWER,
        rf"\begin{{tabular}}{{{alignment}}}", r"\toprule", *head, *body, r"\end{tabular}", r"\par\smallskip",
        rf"\parbox{{\linewidth}}{{\raggedright {legend}}}", r"\end{table}",
    ]  # fmt: skip


def _long(study: Study, alignment: str, head: list[str], body: list[str], legend: str) -> list[str]:
    count = len(head[0].split(" & "))
    return [
        r"\begingroup", r"\footnotesize", NARROWER, r"\setlength{\LTcapwidth}{\linewidth}",
        rf"\begin{{longtable}}{{{alignment}}}",
        rf"{_caption(study)} \\", r"\toprule", *head, r"\endfirsthead", r"\toprule", *head, r"\endhead",
        rf"\bottomrule \multicolumn{{{count}}}{{r}}{{continued}} \\", r"\endfoot", r"\endlastfoot", *body,
        r"\end{longtable}", rf"\noindent {legend}\par", r"\endgroup",
    ]  # fmt: skip


def _caption(study: Study) -> str:
    label = re.sub(r"[^A-Za-z0-9-]+", "-", study.name)
    return rf"\caption{{{tex(_said(study))}}}\label{{tab:{label}}}"


def _said(study: Study) -> str:
    return " ".join(filter(None, [study.question, footnote(study)]))


def _alignment(lines: Sequence[Row], shown: Sequence[Column]) -> str:
    """Numbers to the right; long names of arms in a column that breaks them."""
    long = any(len(row.arm) > LONGEST_NAME for row in lines)
    kinds = {ARM: r"p{0.3\linewidth}" if long else "l", VERDICT: "c"}
    return "@{}" + "".join(kinds.get(column, "r") for column in shown) + "@{}"


def _heading(column: Column) -> str:
    """In two lines where it has several words, since numbers are narrow."""
    first, _, rest = column.heading.partition(" ")
    side = "l" if column is ARM else "c" if column is VERDICT else "r"
    lines = rf"\begin{{tabular}}[b]{{@{{}}{side}@{{}}}}{tex(first)}\\{tex(rest)}\end{{tabular}}"
    return lines if rest else tex(column.heading)


def _body(study: Study, lines: Sequence[Row], shown: Sequence[Column], keys: dict[str, str]) -> Iterator[str]:
    for row in lines:
        if row.arm == BASELINE and len(study.models) > 1:
            yield r"\addlinespace" if row is not lines[0] else ""
            yield rf"\multicolumn{{{len(shown)}}}{{@{{}}l}}{{\textit{{{tex(row.model)}}}}} \\"
        yield " & ".join(_cells(row, shown, keys)) + r" \\"
        if row.arm == BASELINE:
            yield r"\midrule"


def _keys(lines: Sequence[Row]) -> dict[str, str]:
    """A letter for each verdict that occurs."""
    return dict(zip(dict.fromkeys(row.summary for row in lines if row.summary), ascii_letters, strict=False))


def _legend(keys: dict[str, str], lines: Sequence[Row]) -> str:
    said = [f"{letter}: {verdict}." for verdict, letter in keys.items()]
    if any(row.collapsed for row in lines):
        said.append("c/n: unstable, c of n runs collapsed.")
    return f"Verdicts. {' '.join(map(tex, said))}"


def _verdict(row: Row, keys: dict[str, str]) -> str:
    return " ".join(filter(None, [keys.get(row.summary, NONE), row.collapsed]))


def _cells(row: Row, shown: Sequence[Column], keys: dict[str, str]) -> Iterator[str]:
    for column, cell in zip(shown, emphasised(row, shown, r"\textbf{{{}}}", _breakable), strict=True):
        if column is VERDICT:
            yield tex(_verdict(row, keys))
        else:
            yield rf"\raggedright {cell}" if column is ARM and len(row.arm) > LONGEST_NAME else cell


def _breakable(text: str) -> str:
    """Text whose overlong words may be broken anywhere, as names of arms may have them."""
    return " ".join(map(_breakable_word, text.split()))


def _breakable_word(word: str) -> str:
    every = LONGEST_NAME // 2 if len(word) > LONGEST_NAME else len(word)
    return r"\allowbreak{}".join(tex(word[start : start + every]) for start in range(0, len(word), every))
