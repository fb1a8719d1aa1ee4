"""Runs with all that was measured: runs.csv."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ablations.measures import MEASURES, UNSTEADINESS, find_measure
from reports.inference.unsteadiness import unsteadiness
from reports.study import RUN_COLUMNS, Study


def runs_frame(study: Study) -> pd.DataFrame:
    """Every planned run once: the columns that are always there, then further measures of which any run left one."""
    runs = study.runs.assign(**{UNSTEADINESS: _by_run(study, unsteadiness(study))})
    further = [name for name in dict.fromkeys((*MEASURES, *runs)) if name in runs and _left(runs, name)]
    return runs[[*RUN_COLUMNS, *further]].copy()


def _left(runs: pd.DataFrame, name: str) -> bool:
    return name not in RUN_COLUMNS and find_measure(name) is not None and bool(runs[name].notna().any())


def _by_run(study: Study, grid: np.ndarray) -> list[float]:
    """The numbers of a grid, in the order of the runs."""
    models, arms, seeds = (
        {name: place for place, name in enumerate(names)} for names in (study.models, study.arm_names, study.seeds)
    )
    cells = zip(study.runs["model"], study.runs["arm"], study.runs["seed"], strict=True)
    return [float(grid[models[model], arms[arm], seeds[seed]]) for model, arm, seed in cells]
