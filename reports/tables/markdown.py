"""The table in Markdown: table.md, and what the note in MLflow is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reports.study import Study
from reports.tables.rows import Column, Row, columns, emphasised, rows
from reports.words.answer import answer
from reports.words.footnote import footnote

SIGNS = re.compile(r"[\\`*\[\]<>|&~$]|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown takes for more than it is; an underscore within a word it leaves alone."""


def markdown(study: Study) -> str:
    """The table in Markdown, under the question and the answer."""
    question, told, below = escaped(study.question or study.name), " ".join(answer(study)), footnote(study)
    return paragraphs(f"**{question}**", escaped(told), table(columns(study), rows(study)), escaped(below))


def table(shown: Sequence[Column], lines: Sequence[Row]) -> str:
    """The rows under the headings of their columns; bold is what is decided."""
    align = ["---:" if column.numeric else ":---" for column in shown]
    cells = [[column.heading for column in shown], align]
    cells += [list(emphasised(row, shown, "**{}**", escaped)) for row in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def paragraphs(*texts: str) -> str:
    """Texts with an empty line between them, but for those that are empty."""
    return "\n\n".join(filter(None, texts)) + "\n"


def escaped(text: str) -> str:
    """Text in one line that is read as it stands, whatever signs are in it (CommonMark, backslash escapes)."""
    return SIGNS.sub(r"\\\g<0>", " ".join(text.split()))
