"""Reports of recorded runs: by the name under which they were run, or by a plan."""

from __future__ import annotations

import warnings
from functools import partial
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from reports.report import Report
from reports.sources.recorded import recorded_study
from reports.tables.note import note
from runs.home import Home
from runs.plan import Plan
from runs.recall import NothingRecorded, Source, recall
from runs.results import collect, publish


class Published(NamedTuple):
    """Where a report lies."""

    page: Path
    trouble: str | None = None
    """Why MLflow did not take everything, where it did not."""


def read_report(source: Source, home: str | PathLike[str] | None = None) -> Report:
    """The report of what was last run under a name, or of a spec or its file, from recorded runs alone.

    Warns where a file asks for something else than was run last. Raises ValueError where nothing was.
    """
    there = Home.at(home)
    with there.by_default():
        plan, remark = recall(source, there)
        if remark:
            warnings.warn(remark, stacklevel=2)
        return recorded_report(plan, there)


def recorded_report(plan: Plan, home: Home, again: str = "") -> Report:
    """The report of a plan's runs; `again` is what to type for the same once more."""
    again = again or f"ablate run {plan.spec.name}"
    if plan.searching:
        raise NothingRecorded(f"{plan.spec.name}: settings are still searched; `{again}` goes on with it")
    return Report(recorded_study(plan, collect(plan, home), again))


def publish_report(report: Report, home: str | PathLike[str] | None = None) -> Published:
    """Saves a report of recorded runs in the output folder and hands it to MLflow, as `ablate report` does."""
    study, there = report.study, Home.at(home)
    page = report.save(there.report(study.name))
    return Published(page, study.trouble or publish(study.name, there, partial(note, study), page.parent))
