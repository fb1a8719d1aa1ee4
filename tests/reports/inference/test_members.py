"""Ensembles against the mean of their members."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reports.inference.members import against_members
from reports.pages.page import page
from reports.study import MEMBER_COLUMNS
from reports.write import write_report

ARMS = {"baseline": (0.0, 0.0), "ensemble": (4.0, -3.0), "sham": (0.0, 0.0)}


@pytest.fixture
def study(studies):
    """An ensemble of three under eight seeds, two points above each seed's mean of members, give or take."""
    runs = studies.runs(ARMS, seeds=8)
    random = np.random.default_rng(5)
    rows = [
        ("lenet5", "ensemble", run.seed, member, run.test_accuracy - random.normal(2, 1), 1.0 + random.random())
        for run in runs[runs["arm"] == "ensemble"].itertuples()
        for member in (1, 2, 3)
    ]
    runs["test_loss"] = 0.9
    return studies.study(runs, members=pd.DataFrame(rows, columns=MEMBER_COLUMNS), claims=())


def test_the_gain_is_that_of_scipy_over_the_means_of_members(study):
    (found,) = against_members(study)
    means = study.members.groupby("seed")["test_accuracy"].mean()
    gain = study.cell("lenet5", "ensemble")["test_accuracy"] - means
    expected = stats.ttest_1samp(gain, 0).confidence_interval(0.95)
    assert (found.gain.low, found.gain.high) == pytest.approx((expected.low, expected.high))
    assert (found.arm, found.members, found.gain.n) == ("ensemble", 3, 8)
    assert found.better == int((gain > 0).sum())
    assert found.loss.high < 0


def test_arms_without_members_are_not_in_it(studies):
    assert not against_members(studies.study())


def test_a_run_that_failed_is_left_out(study):
    study.runs.loc[(study.runs["arm"] == "ensemble") & (study.runs["seed"] == 0), "status"] = "failed"
    (found,) = against_members(study)
    assert found.gain.n == 7


def test_the_page_and_the_folder_have_them(study, tmp_path):
    assert "Ensembles, against their members" in page(study, {})
    write_report(study, tmp_path)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "members.csv"), study.members, check_dtype=False)


def test_a_study_without_ensembles_has_no_such_part(studies, tmp_path):
    (tmp_path / "members.csv").write_text("of an earlier state")
    write_report(studies.study(), tmp_path)
    assert not (tmp_path / "members.csv").exists()
    assert "against their members" not in (tmp_path / "index.html").read_text()
