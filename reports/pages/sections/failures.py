"""Runs that failed, with their reasons."""

from __future__ import annotations

from reports.pages.sections.table import MODEL, Heading, Table, plain_table
from reports.study import Study

HEADINGS = (Heading("Arm", "name"), MODEL, Heading("Seed"), Heading("Reason", "words"))


def failure_table(study: Study) -> Table | None:
    """Every run that ended in an error."""
    failed = study.runs[study.runs["status"] == "failed"]
    rows = failed[["arm", "model", "seed", "reason"]].astype(str).itertuples(index=False, name=None)
    return plain_table(study, "failures", "Failed runs", HEADINGS, rows)
