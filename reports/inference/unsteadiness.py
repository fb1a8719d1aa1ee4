"""How much the validation score jumps from epoch to epoch once it has risen."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from ablations.measures import UNSTEADINESS
from reports.study import Study

CURVE = "val_accuracy"


@lru_cache(maxsize=4)
def unsteadiness(study: Study) -> np.ndarray:
    """That of every run, in points, models x arms x seeds; not a number where there is no curve. Of anybody's
    runs, as given."""
    if UNSTEADINESS in study.runs:
        return study.grid(UNSTEADINESS)
    found = np.full((len(study.models), len(study.arm_names), len(study.seeds)), np.nan)
    curves = study.curves[study.curves["measure"] == CURVE].sort_values("epoch", kind="stable")
    seeds = {seed: place for place, seed in enumerate(study.seeds)}
    jumps = curves.groupby(["model", "arm", "seed"], sort=False)["value"].agg(mean_jump).reset_index()
    for model, arm, seed, jump in jumps.itertuples(index=False, name=None):
        found[study.models.index(model), study.row_of[arm], seeds[seed]] = jump
    return np.where(study.left, found, np.nan)


def mean_jump(curve: ArrayLike) -> float:
    """The mean absolute change from epoch to epoch over the second half; not a number of fewer than four epochs."""
    values = np.asarray(curve, float)
    if len(values) < 4:
        return float("nan")
    return float(np.abs(np.diff(values[len(values) // 2 :])).mean())
