"""The index: one page over all reports of a folder, from the summary that each report leaves of itself."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from pydantic import AwareDatetime, ValidationError

from modules.values import Value
from reports.pages.templating import rendered, script
from reports.study import Study
from reports.words.answer import answer
from runs.files import write_whole

SUMMARY = "summary.json"


class Summary(Value):
    """What the index says of a report."""

    name: str
    question: str
    answer: str
    """The sentence that a person in a hurry reads."""
    runs: dict[str, int]
    """How many are in each state."""
    written: AwareDatetime

    @property
    def counts(self) -> str:
        return ", ".join(f"{count:,} {status}" for status, count in self.runs.items())


class Entry(NamedTuple):
    """One report of the folder; a summary that is missing or broken leaves its name."""

    folder: str
    summary: Summary | None

    @property
    def link(self) -> str:
        return f"{quote(os.fsencode(self.folder))}/index.html"


def summary_json(study: Study) -> bytes:
    """A study in short, as of now: the sentence after the one about the baseline is the key one."""
    key = answer(study)[:2][-1:]
    states = {str(status): int(count) for status, count in study.runs["status"].value_counts().items()}
    now = datetime.now(UTC).replace(microsecond=0)
    short = Summary(name=study.name, question=study.question, answer="".join(key), runs=states, written=now)
    return short.model_dump_json(indent=1).encode()


def write_index(folder: Path) -> Path:
    """Writes `index.html` over the reports in a folder, the newest first; returns its path."""
    page = rendered("index.html", [script("tables.js")], entries=entries(folder))
    write_whole(folder / "index.html", page.encode(errors="replace"))
    return folder / "index.html"


def entries(folder: Path) -> list[Entry]:
    """Every folder that has a page: the newest first, those of which no more is known at the end, by name."""
    found = [
        Entry(page.parent.name, _summary(page.with_name(SUMMARY))) for page in sorted(folder.glob("[!.]*/index.html"))
    ]
    return sorted(found, key=lambda one: -one.summary.written.timestamp() if one.summary else 0)


def _summary(path: Path) -> Summary | None:
    try:
        return Summary.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
