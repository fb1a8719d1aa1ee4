"""A report as an object: it shows itself in a notebook, gives its frames and figures, and saves its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ablations.views import Cell, Column, View, Viewed
from reports.inference.effects import effects, effects_frame
from reports.study import Study
from reports.tables.frame import table_frame
from reports.tables.markdown import markdown
from reports.tables.rows import columns, rows
from reports.tables.runs import runs_frame
from reports.words.alerts import alerts
from reports.words.answer import answer
from reports.words.footnote import footnote

if TYPE_CHECKING:
    from reports.figures import Chart


@dataclass(frozen=True, eq=False, repr=False)
class Report(Viewed):
    """What was found in a study, of recorded runs or of anybody's."""

    study: Study

    @property
    def view(self) -> View:
        """The answer, the alerts, the main table."""
        study, shown = self.study, columns(self.study)
        return View(
            title=f"{study.name}: {study.question}" if study.question else study.name,
            sentences=tuple(self.answer),
            warnings=tuple(self.alerts),
            columns=tuple(Column(one.heading, one.numeric) for one in shown),
            rows=tuple(tuple(Cell(one.text(row), one.bold(row)) for one in shown) for row in rows(study)),
            note=footnote(study),
        )

    def _repr_markdown_(self) -> str:
        return markdown(self.study)

    @property
    def answer(self) -> list[str]:
        """In at most five sentences, numbers first."""
        return answer(self.study)

    @property
    def alerts(self) -> list[str]:
        """What a reader has to know before trusting the table."""
        return alerts(self.study)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The numbers of table.csv: the baseline and every arm, the best first."""
        return table_frame(self.study)

    @cached_property
    def effects(self) -> pd.DataFrame:
        """The numbers of effects.csv: every arm's effect with its intervals and verdicts."""
        return effects_frame(effects(self.study))

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The rows of runs.csv: every planned run once."""
        return runs_frame(self.study)

    @cached_property
    def figures(self) -> Mapping[str, Chart]:
        """Altair charts by name, `forest` first; a notebook shows them as they are."""
        from reports.figures import figures

        return figures(self.study)

    def save(self, folder: str | PathLike[str]) -> Path:
        """Writes all files of a report into a folder; returns the page's path."""
        from reports.write import write_report

        return write_report(self.study, Path(folder))
