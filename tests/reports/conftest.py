"""Synthetic studies whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from ablations.spec import Claim
from reports.study import CURVE_COLUMNS, MORE_COLUMNS, RUN_COLUMNS, ArmCard, Study
from reports.write import write_report

ARMS = {
    "baseline": (0.0, 0.0),
    "dropout": (8.0, -20.0),
    "weight_decay": (0.0, 0.0),
    "init zeros": (-65.0, -32.0),
    "sham": (0.0, 0.0),
}
"""True effects on test accuracy and on the gap, in points."""


PAIRS = {
    "baseline": (0.0, 0.0), "a": (5.0, -10.0), "b": (3.0, -5.0), "c": (1.0, 0.0),
    "a + b": (2.0, -6.0), "a + c": (6.0, -10.0), "b + c": (14.0, -30.0), "sham": (0.0, 0.0),
}  # fmt: skip
"""The same of pairs: a and b together do 6 points less than the sum, a and c just the sum, b and c 10 points more."""


def make_runs(arms=ARMS, seeds=10, models=("lenet5",), spread=1.0, rng=0):
    """Runs with a common part per seed, and `spread` points of noise in each."""
    random = np.random.default_rng(rng)
    rows = []
    for seed in range(seeds):
        for model in models:
            common = random.normal(0, 2)
            for arm, (effect, gap) in arms.items():
                test = 75 + common + effect + random.normal(0, spread)
                rows.append({
                    "run_id": f"{model}-{arm}-{seed}", "fingerprint": f"f{len(rows)}", "arm": arm, "factor": arm.split()[0],
                    "level": "", "model": model, "seed": seed, "status": "finished", "test_accuracy": test,
                    "train_accuracy": 98.0, "gap": 34 + gap + random.normal(0, spread), "seconds": 2.0, "epochs": 60,
                    "parameters": 61706, "macs": 416520, "val_accuracy": test,
                })  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=[*RUN_COLUMNS, *MORE_COLUMNS]).astype({"reason": object})


def make_study(runs=None, **changes):
    runs = make_runs() if runs is None else runs
    cells = runs[["arm", "factor", "level", "model"]].drop_duplicates()
    arms = tuple(ArmCard(*cell, differs=("a difference",)) for cell in cells.itertuples(index=False))
    points = [
        (row.model, row.arm, row.seed, epoch, measure, 50.0 + epoch)
        for row in runs.itertuples()
        for epoch in (1, 2, 3)
        for measure in ("train_accuracy", "val_accuracy", "val_loss")
    ]
    claims = (Claim(arm="dropout", measure="gap", direction="lower", source="somebody"),)
    settings = {
        "name": "made", "question": "What helps?", "margin": 1.0, "runs": runs, "arms": arms, "claims": claims,
        "curves": pd.DataFrame(points, columns=CURVE_COLUMNS), "provenance": {"Again": "ablate run made"}, "chance": 10.0,
    }  # fmt: skip
    return Study(**{**settings, **changes})


@pytest.fixture
def study():
    return make_study()


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """The folder of that study's report, to be read only: writing one takes seconds."""
    folder = tmp_path_factory.mktemp("written") / "made"
    write_report(make_study(), folder)
    return folder


@pytest.fixture
def paired():
    """A study of all pairs of three levels."""
    return make_study(make_runs(PAIRS), claims=())


@pytest.fixture
def studies():
    """The builders, for tests that want a study of their own."""

    class Builders:
        pairs = PAIRS
        runs = staticmethod(make_runs)
        study = staticmethod(make_study)

    return Builders
