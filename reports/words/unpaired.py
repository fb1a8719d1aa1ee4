"""Runs that are in no effect although they are there, and arms that have fewer seeds than the baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

import numpy as np

from ablations.arms import BASELINE
from reports.numbers import few
from reports.study import Study

MOST_NAMED = 20
"""Arms that one alert names."""


def unpaired(study: Study) -> Iterator[str]:
    """One sentence for each reason why runs are not compared; then who is compared on fewer seeds than there are."""
    for reason, counts in _reasons(study).items():
        if counts:
            yield f"Not compared{reason}: {_listed(study, counts)}."
    if study.sampling is None and (fewer := _fewer(study)):
        yield f"Compared on fewer seeds than the baseline has: {_listed(study, fewer)}."


def _reasons(study: Study) -> dict[str, dict[tuple[str, str], str]]:
    accuracy, gap = ~np.isnan(study.grid("test_accuracy")), ~np.isnan(study.grid("gap"))
    paired = accuracy & accuracy[:, [study.row_of[BASELINE]]]
    failed = study.runs[(study.runs["status"] == "failed") & study.runs["test_accuracy"].notna()]
    return {
        ", for want of a baseline of the same seed": _runs(study, accuracy & ~paired),
        f", for want of a test {study.score}": _runs(study, study.left & ~accuracy),
        ", having failed, whatever numbers they left": _counted(zip(failed["model"], failed["arm"], strict=True)),
        f" in the gap, for want of a training {study.score}": _runs(study, accuracy & ~gap) if gap.any() else {},
    }


def _runs(study: Study, which: np.ndarray) -> dict[tuple[str, str], str]:
    models, arms, _ = np.nonzero(which)
    return _counted((study.models[model], study.arm_names[arm]) for model, arm in zip(models, arms, strict=True))


def _counted(cells: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    return {cell: f"{count} run{'s' * (count != 1)}" for cell, count in Counter(cells).items()}


def _fewer(study: Study) -> dict[tuple[str, str], str]:
    """Arms that lack runs of seeds that the baseline has; a run that is only planned or failed is told of elsewhere."""
    seeds = study.runs.groupby(["model", "arm"], sort=False)["seed"].agg(set).to_dict()
    fewer = {}
    for cell in product(study.models, study.arm_names):
        base, own = seeds[cell[0], BASELINE], seeds.get(cell, set())
        if base - own:
            fewer[cell] = f"{len(base & own)} of {len(base)}"
    return fewer


def _listed(study: Study, counts: Mapping[tuple[str, str], str]) -> str:
    several = len(study.models) > 1
    return few([f"{arm}{f' on {model}' * several} {said}" for (model, arm), said in counts.items()], MOST_NAMED)
