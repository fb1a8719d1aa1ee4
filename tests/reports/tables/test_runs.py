"""runs.csv: the columns that are always there first, then whatever else was measured."""

import numpy as np
import pandas as pd

from ablations.claims import Claim
from reports.inference.claims import judged_claims
from reports.inference.unsteadiness import mean_jump
from reports.sources.declared import Declared
from reports.sources.from_csv import read_runs
from reports.study import CURVE_COLUMNS, RUN_COLUMNS
from reports.tables.csv_text import csv_bytes
from reports.tables.runs import runs_frame
from tests.reports.conftest import make_runs, make_study

CURVE = [50.0, 60.0, 65.0, 63.0]
CLAIMS = tuple(
    Claim(arm="dropout", measure=measure, direction="higher") for measure in ("test_mean_iou", "unsteadiness")
)


def measured():
    """Runs with two further measures, of which none left the other, and curves of the dropout arm."""
    runs = make_runs().assign(test_mean_iou=np.linspace(40, 60, 50), checkerboard=np.nan)
    points = [
        (row.model, row.arm, row.seed, epoch, "val_accuracy", value + row.seed * epoch + (row.arm == "dropout") * epoch)
        for row in runs.itertuples()
        for epoch, value in enumerate(CURVE, start=1)
    ]
    return make_study(runs, curves=pd.DataFrame(points, columns=CURVE_COLUMNS), claims=CLAIMS)


def test_a_plain_run_has_the_stable_columns_alone():
    assert list(runs_frame(make_study())) == RUN_COLUMNS


def test_further_measures_follow_where_any_run_left_one():
    frame = runs_frame(measured())
    assert list(frame) == [*RUN_COLUMNS, "unsteadiness", "test_mean_iou"]
    assert frame["test_mean_iou"].tolist() == np.linspace(40, 60, 50).tolist()
    row = frame[(frame["arm"] == "baseline") & (frame["seed"] == 3)].iloc[0]
    assert row["unsteadiness"] == mean_jump([value + 3 * epoch for epoch, value in enumerate(CURVE, start=1)])


def test_claims_on_them_come_out_the_same_when_the_file_is_read_again(tmp_path):
    study = measured()
    (tmp_path / "runs.csv").write_bytes(csv_bytes(runs_frame(study)))
    again = read_runs(tmp_path / "runs.csv", "again", Declared(claims=CLAIMS))
    assert "Columns not used" not in again.provenance
    for one, other in zip(judged_claims(study), judged_claims(again), strict=True):
        assert one.effect == other.effect
        assert one.effect.tested
