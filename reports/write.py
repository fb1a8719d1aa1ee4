"""Writing a report: all files of one study, each whole or not at all."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from reports.effects import effects, effects_frame
from reports.figures import figures, render
from reports.interactions import interactions, interactions_frame
from reports.page import page
from reports.study import RUN_COLUMNS, Study
from reports.tables import latex, markdown, table_frame
from runs.files import write_whole


def write_report(study: Study, folder: Path) -> Path:
    """Writes runs.csv, effects.csv, the table in three forms, the figures and the page; returns the page's path.

    Where pairs of levels were run, interactions.csv as well; where ensembles were, members.csv.
    """
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    pictures = {name: render(chart) for name, chart in figures(study).items()}
    files = {
        "runs.csv": _csv(study.runs[RUN_COLUMNS]),
        "effects.csv": _csv(effects_frame(effects(study))),
        **({"interactions.csv": _csv(interactions_frame(study))} if interactions(study) else {}),
        **({"members.csv": _csv(study.members)} if len(study.members) else {}),
        "table.csv": _csv(table_frame(study)),
        "table.md": markdown(study).encode(),
        "table.tex": latex(study).encode(),
        **{f"figures/{name}.{kind}": content for name, forms in pictures.items() for kind, content in forms.items()},
        "index.html": page(study, {name: forms["svg"].decode() for name, forms in pictures.items()}).encode(),
    }
    for name, content in files.items():
        write_whole(folder / name, content)
    _remove_old(folder, files.keys())
    return folder / "index.html"


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _remove_old(folder: Path, current: Collection[str]) -> None:
    """A file of an earlier state of the study would stand beside a table that says something else."""
    for path in (folder / "interactions.csv", folder / "members.csv", *(folder / "figures").glob("[!.]*")):
        if path.relative_to(folder).as_posix() not in current:
            path.unlink(missing_ok=True)
