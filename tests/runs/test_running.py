"""Runs carried out from Python, as a notebook or a script would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runs import run

ROOT = Path(__file__).parents[2]
SCRIPT = """\
from ablations import load_spec
from runs import make_plan, run
print("begun")
summary = run(make_plan(load_spec("small.yaml", ["factors={dropout: {p: 0.5}}", "seeds=1"])), "here", workers=2)
print("ended", len(summary.done), summary.complete)
"""
"""A script without a guard, which a spawned process would run again."""


def test_a_plan_is_carried_out_in_one_call_and_again_trains_nothing(plan, tmp_path, capsys):
    home = tmp_path / "elsewhere"
    summary = run(plan, home, engine="inline")
    assert summary.complete
    assert summary.done.keys() == plan.by_fingerprint.keys()
    assert "[8/8]" in capsys.readouterr().out
    again = run(plan, home, engine="inline")
    assert again.done == summary.done
    assert "8 recorded, 0 to train" in capsys.readouterr().out


def test_the_folder_that_is_given_is_the_only_one_written(plan, tmp_path, own_home, monkeypatch):
    run(plan, tmp_path / "elsewhere", engine="inline")
    assert not own_home.exists()
    assert os.environ["ABLATE_HOME"] == str(own_home)
    monkeypatch.delenv("ABLATE_HOME")
    run(plan, str(tmp_path / "elsewhere"), engine="inline")
    assert "ABLATE_HOME" not in os.environ


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"engine": "locl"}, "there is no engine 'locl'; did you mean local"),
        ({"workers": -1}, "workers must be at least"),
        ({"per_gpu": -1}, "per_gpu must be at least 1, not -1"),
    ],
)
def test_settings_that_cannot_be_are_refused_before_anything_is_written(settings, message, plan, own_home):
    with pytest.raises(ValueError, match=message):
        run(plan, **settings)
    assert not own_home.exists()


@pytest.mark.slow
def test_a_script_without_a_guard_runs_once_for_all_its_workers(small, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "script.py"], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    assert process.stdout.count("begun") == 1
    assert process.stdout.splitlines()[-1] == "ended 3 True"
