"""Nulls and effects that are planted in an ablation which is really trained, all the way from the spec to the verdict."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from ablations import load_spec
from reports.inference.effects import effects, effects_frame
from reports.sources.recorded import recorded_study
from runs import Home, make_plan
from runs.engines.inline import Inline
from runs.execute import execute
from runs.records import Records
from runs.results import Results
from runs.shipping import Shipper
from runs.slots import Slot

ROOT = Path(__file__).parent.parent.parent
SPEC = """\
name: planted
question: Are six arms that change nothing taken for something, and are three that do overlooked?
baseline:
  data: {name: digits, train_size: 100, image_size: 16}
  model: {name: mlp}
  optimizer: {name: sgd, lr: 0.05, momentum: 0.9}
  trainer: {epochs: 5, batch_size: 20}
arms:
  null 1: {sham: {replicate: 2}}
  null 2: {sham: {replicate: 3}}
  null 3: {sham: {replicate: 4}}
  null 4: {sham: {replicate: 5}}
  null 5: {sham: {replicate: 6}}
  null 6: {sham: {replicate: 7}}
  four times the images: {train_size: {images: 400}}
  hardly any rate: {optimizer: {name: sgd, lr: 0.0005, momentum: 0.9}}
seeds: 5
"""
NULLS = [f"null {number}" for number in range(1, 7)]
NOTHING_SAID = {"no effect larger than the margin", "undecided"}


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "planted.yaml"
    path.write_text(SPEC)
    return path


def check(found: pd.DataFrame):
    """`found` is effects.csv, by arm."""
    assert set(found.loc[[*NULLS, "sham"], "verdict"]) <= NOTHING_SAID, found["summary"]
    assert set(found.loc[[*NULLS, "sham"], "gap_verdict"]) <= {"unchanged", "undecided"}, found["summary"]
    assert found.loc["four times the images", "verdict"] == "helps"
    assert found.loc["hardly any rate", "verdict"] == "hurts"


@pytest.mark.slow  # test_calibration.py plants both in studies that need no training
def test_six_arms_that_change_nothing_get_no_verdict_and_two_that_do_are_found(spec, own_home, monkeypatch):
    monkeypatch.setattr(Shipper, "_tell", lambda self, *messages: None)  # tracking is not what is tested here
    home, plan = Home.at(), make_plan(load_spec(spec))
    home.prepare()
    assert execute(
        plan, home, lambda member: Inline(home, plan.spec.name, [Slot(0)]), lambda event, record: None
    ).complete
    records = Records(home).newest(plan.by_fingerprint)
    results = Results({key: {**record, "run_id": record["id"]} for key, record in records.items()})
    check(effects_frame(effects(recorded_study(plan, results, command=""))).set_index("arm"))


@pytest.mark.slow
def test_with_twice_the_seeds_the_command_and_its_files_say_the_same(spec, own_home):
    command = [
        sys.executable,
        str(ROOT / "ablations_cli.py"),
        "run",
        str(spec),
        "--seeds",
        "10",
        "--home",
        str(own_home),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    check(pd.read_csv(own_home / "reports" / "planted" / "effects.csv").set_index("arm"))
