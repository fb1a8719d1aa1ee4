"""Writing a report: all files of one study, each whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import pandas as pd

from reports.figures import figures, interactive, render
from reports.inference.architectures import overall_frame
from reports.inference.effects import effects, effects_frame
from reports.inference.interactions import interactions_frame
from reports.inference.looks import looks_frame
from reports.pages.index import SUMMARY, summary_json
from reports.pages.page import page
from reports.pages.pictures import Picture
from reports.study import Study
from reports.tables.claims import claims_frame
from reports.tables.csv_text import csv_bytes
from reports.tables.frame import table_frame
from reports.tables.latex import latex
from reports.tables.markdown import markdown
from reports.tables.runs import runs_frame
from reports.words.references import references
from runs.files import write_whole

FURTHER: dict[str, Callable[[Study], pd.DataFrame]] = {
    "architectures.csv": overall_frame,
    "looks.csv": looks_frame,
    "interactions.csv": interactions_frame,
    "members.csv": lambda study: study.members,
    "claims.csv": claims_frame,
}
"""Files that are left where the study has rows for them."""


def write_report(study: Study, folder: Path) -> Path:
    """Writes runs.csv, effects.csv, the table in three forms, the references, the figures and the page; returns the
    page's path.

    Where there are several architectures, architectures.csv as well; where looks were declared, looks.csv; where pairs
    of levels were run, interactions.csv; where ensembles were, members.csv;
    where there are claims, claims.csv.
    """
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    charts = figures(study)
    drawn = {name: render(chart) for name, chart in charts.items()}
    pictures = {name: Picture(drawn[name]["svg"].decode(), interactive(chart)) for name, chart in charts.items()}
    files = _tables(study)
    files |= {f"figures/{name}.{form}": content for name, forms in drawn.items() for form, content in forms.items()}
    files |= {"index.html": page(study, pictures, list(files)).encode(), SUMMARY: summary_json(study)}
    for name, content in files.items():
        write_whole(folder / name, content)
    _remove_old(folder, files.keys())
    return folder / "index.html"


def _tables(study: Study) -> dict[str, bytes]:
    return {
        "runs.csv": csv_bytes(runs_frame(study)),
        "effects.csv": csv_bytes(effects_frame(effects(study))),
        **_further_csvs(study),
        "table.csv": csv_bytes(table_frame(study)),
        "table.md": markdown(study).encode(),
        "table.tex": latex(study).encode(),
        "references.bib": references(study).encode(),
    }


def _further_csvs(study: Study) -> dict[str, bytes]:
    frames = {name: made(study) for name, made in FURTHER.items()}
    return {name: csv_bytes(frame) for name, frame in frames.items() if len(frame)}


def _remove_old(folder: Path, current: Collection[str]) -> None:
    """A file of an earlier state of the study would stand beside a table that says something else."""
    for path in (*(folder / name for name in FURTHER), *(folder / "figures").glob("[!.]*")):
        if path.relative_to(folder).as_posix() not in current:
            path.unlink(missing_ok=True)
