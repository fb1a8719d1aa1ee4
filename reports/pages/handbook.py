"""The handbook: one page over the claims of all lectures, each with what was found and where to read more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import get_args

from markupsafe import Markup

from ablations.claims import Claim
from ablations.lectures import Lecture
from ablations.references import bibtex, entries
from reports.figures import CLAIM_SHAPES_SAY, claim_figure, drawing, has_claim_figure
from reports.inference.claims import EVERYWHERE, JudgedClaim, judged_claims
from reports.inference.verdicts import Judgement
from reports.pages.pictures import inlined
from reports.pages.sections.table import Cell, Heading, Line, Table
from reports.pages.templating import rendered, script
from reports.study import Study
from reports.words.claims import asserted, claims_method, found_in_words, said

AT_THIS_SCALE = "refuted at this scale"
"""What was measured on small data may be otherwise on large; an exact fact may not."""


@dataclass(frozen=True)
class Judged:
    """One claim, with what was found on each architecture."""

    rows: tuple[JudgedClaim, ...]
    margin: float
    anchor: str

    @property
    def claim(self) -> Claim:
        return self.rows[0].claim

    @property
    def verdict(self) -> Judgement:
        """That over all architectures or, where there is none, what holds on each of them."""
        found = {row.verdict for row in self.rows if row.model == EVERYWHERE} or {row.verdict for row in self.rows}
        return found.pop() if len(found) == 1 else "undecided"

    @property
    def word(self) -> str:
        if {"supported", "refuted"} <= {row.verdict for row in self.rows} and self.verdict == "undecided":
            return "undecided: it differs by architecture"
        return AT_THIS_SCALE if self.verdict == "refuted" and not self.claim.check else self.verdict

    @property
    def said(self) -> str:
        return said(self.claim, self.rows[0].score)

    @property
    def judged_by(self) -> str:
        """What was compared, where the claim itself says it in other words."""
        return asserted(self.claim, self.rows[0].score) if self.claim.says else ""

    @property
    def found(self) -> list[str]:
        """A sentence for each architecture, with its verdict where they differ."""
        several = len({row.verdict for row in self.rows}) > 1
        return [f"{found_in_words(row)}{f' Verdict: {row.verdict}.' if several else ''}" for row in self.rows]

    @cached_property
    def picture(self) -> Markup:
        """The drawing; nothing of a check, or where nothing was measured."""
        if not has_claim_figure(self.rows):
            return Markup()
        return inlined(drawing(claim_figure(self.rows, self.margin)), self.anchor)

    @property
    def bibtex(self) -> str:
        """The entry of the paper that is named for further reading."""
        return bibtex([self.claim.more]) if self.claim.more in entries() else ""


@dataclass(frozen=True)
class Part:
    """One ablation of a lecture; without a study where it was never run."""

    name: str
    study: Study | None = None
    remark: str = ""
    """What has to be said of the study, such as that its settings are not those that ship."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Where its own report lies, by what is written on the link, as far as one was written."""

    @cached_property
    def claims(self) -> list[Judged]:
        if self.study is None:
            return []
        groups = groupby(judged_claims(self.study), key=lambda row: id(row.claim))
        margin = self.study.margin
        return [Judged(tuple(rows), margin, f"{self.name}-claim-{at}") for at, (_, rows) in enumerate(groups, start=1)]

    @property
    def counts(self) -> str:
        """How its runs ended."""
        states = Counter[str]() if self.study is None else Counter(self.study.runs["status"].tolist())
        return ", ".join(f"{count:,} {status}" for status, count in states.most_common())

    @property
    def method(self) -> str:
        return "" if self.study is None else claims_method(self.study)


@dataclass(frozen=True)
class Chapter:
    """One lecture, with its ablations."""

    lecture: Lecture
    parts: tuple[Part, ...]

    @property
    def verdicts(self) -> Counter[str]:
        """How many claims came to which."""
        return Counter(claim.verdict for part in self.parts for claim in part.claims)


def handbook(chapters: Sequence[Chapter]) -> str:
    """The handbook as HTML; it needs no network."""
    shapes = CLAIM_SHAPES_SAY
    return rendered("handbook.html", [script("tables.js")], chapters=chapters, summary=summary(chapters), shapes=shapes)


def summary(chapters: Sequence[Chapter]) -> Table:
    """How many claims of each lecture are borne out."""
    words = get_args(Judgement)
    headings = (Heading("Lecture", "name"), Heading("Claims"), *(Heading(word.capitalize()) for word in words))
    lines = [_line(chapter.lecture.title, chapter.verdicts) for chapter in chapters]
    total = sum((chapter.verdicts for chapter in chapters), Counter[str]())
    groups = (tuple(lines), (_line("All lectures", total),))
    return Table("summary", "What came of the claims", headings, groups)


def _line(name: str, verdicts: Counter[str]) -> Line:
    counts = [verdicts.total(), *(verdicts[word] for word in get_args(Judgement))]
    return Line((Cell(name), *(Cell(str(count)) for count in counts)))
