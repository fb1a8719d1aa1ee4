"""Writing the handbook: the page over all lectures and the table of their claims, from recorded runs alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pandas as pd

from ablations.lectures import Lecture
from reports.inference.verdicts import Judgement
from reports.pages.handbook import Chapter, Part, handbook
from reports.pages.index import SUMMARY, Summary
from reports.reading import recorded_report
from reports.tables.claims import CLAIM_COLUMNS, claims_frame
from reports.tables.csv_text import csv_bytes
from runs.files import write_whole
from runs.home import Home
from runs.recall import NothingRecorded, recall

NAME = "handbook"
"""Of its folder among the reports."""
QUESTION = "What comes of the claims of the lectures?"


def read_chapters(lectures: Sequence[Lecture], home: Home) -> tuple[Chapter, ...]:
    """What is recorded of every lecture; an ablation that was never run has a part without a study."""
    return tuple(Chapter(lecture, tuple(_part(name, home) for name in lecture.ablations)) for lecture in lectures)


def _part(name: str, home: Home) -> Part:
    try:
        plan, remark = recall(name, home)
        return Part(name, recorded_report(plan, home).study, remark, _links(home.report(name)))
    except NothingRecorded:
        return Part(name)


def _links(report: Path) -> dict[str, str]:
    """To what there is of an ablation's own report, from the handbook's folder beside it."""
    page = f"../{report.name}/index.html"
    links = {"full report": ("index.html", page), "its figures": ("figures/forest.svg", f"{page}#figure-forest")}
    return {words: address for words, (file, address) in links.items() if (report / file).exists()}


def write_handbook(chapters: Sequence[Chapter], folder: Path) -> Path:
    """Writes index.html, claims.csv and what the index says of them; returns the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "index.html": handbook(chapters).encode(),
        "claims.csv": csv_bytes(handbook_frame(chapters)),
        SUMMARY: _summary(chapters).model_dump_json(indent=1).encode(),
    }
    for name, content in files.items():
        write_whole(folder / name, content)
    return folder / "index.html"


def handbook_frame(chapters: Sequence[Chapter]) -> pd.DataFrame:
    """The claims of all lectures, as claims.csv has them."""
    frames = [
        claims_frame(part.study).assign(lecture=chapter.lecture.number, ablation=part.name)
        for chapter in chapters
        for part in chapter.parts
        if part.claims and part.study is not None
    ]
    columns = ["lecture", "ablation", *CLAIM_COLUMNS]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def _summary(chapters: Sequence[Chapter]) -> Summary:
    counts = {word: sum(chapter.verdicts[word] for chapter in chapters) for word in get_args(Judgement)}
    said = ", ".join(f"{count} {word}" for word, count in counts.items())
    studies = [part.study for chapter in chapters for part in chapter.parts if part.study is not None]
    runs = dict(Counter(status for study in studies for status in study.runs["status"].tolist()))
    now, answer = datetime.now(UTC).replace(microsecond=0), f"Of {sum(counts.values())} claims: {said}."
    return Summary(name=NAME, question=QUESTION, answer=answer, runs=runs, written=now)
