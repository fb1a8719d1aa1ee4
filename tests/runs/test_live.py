import io
import time
from dataclasses import replace

import pytest
from rich.console import Console

from ablations import Spec
from runs import Home, make_plan
from runs.board import Board
from runs.events import Began, Claim, Died, Ended, Joined, Offered, Point, Shipping, TakenBack
from runs.live import picture, progress
from runs.records import Records, make_record
from runs.search import so_far
from runs.slots import Slot


@pytest.fixture(scope="module")
def plan():
    return make_plan(Spec.model_validate({"name": "small", "seeds": 2, "factors": {"dropout": {"p": 0.5}}}))


@pytest.fixture
def home(own_home):
    home = Home.at()
    home.prepare()
    return home


def finished(run, accuracy=80.0):
    return make_record(run, "small", 1, "finished", 0.0, metrics={"test_accuracy": accuracy, "gap": 1.0})


def text(board):
    console = Console(file=io.StringIO(), width=100)
    console.print(picture(board))
    return console.file.getvalue()


def test_the_table_fills_as_runs_end(plan):
    board = Board(plan, {}, [Slot(0)])
    assert "0/6" in text(board)
    first, second = plan.runs[0], plan.runs[3]
    board.hear(Began("cpu0", Claim(0, first.fingerprint, 1)), None)
    board.hear(Point("cpu0", first.fingerprint, 7, {}), None)
    assert "cpu0: baseline · seed 0, epoch 7" in text(board)
    for run, accuracy in ((first, 70.0), (second, 80.0)):
        board.hear(Ended("cpu0", run.fingerprint, "x"), finished(run, accuracy))
    assert "2/6" in text(board)
    assert "75.0" in text(board)


def test_recorded_runs_count_as_done(plan):
    run = plan.runs[0]
    board = Board(plan, {run.fingerprint: finished(run)}, [Slot(0), Slot(1)])
    assert board.left == 5
    assert next(board.opening()) == "small: 6 runs, 1 recorded, 5 to train, 2 workers on CPU"


def test_another_torch_is_said_aloud(plan):
    run = plan.runs[0]
    record = finished(run)
    record["versions"] = {**record["versions"], "torch": "1.0"}
    board = Board(plan, {run.fingerprint: record}, [Slot(0)])
    assert "trained with torch 1.0" in list(board.opening())[1]


def test_failures_and_deaths_are_said_at_once(plan):
    board = Board(plan, {}, [Slot(0)])
    run = plan.runs[0]
    failed = make_record(run, "small", 1, "failed", 0.0, reason="ValueError: boom")
    assert board.hear(Ended("cpu0", run.fingerprint, "x"), failed) == ["failed: baseline · seed 0: ValueError: boom"]
    assert board.hear(Died("cpu0@here#1", "its worker was killed (SIGKILL)"), None) == [
        "cpu0: its worker was killed (SIGKILL)"
    ]
    assert board.hear(TakenBack("cpu0@here#1", run.fingerprint, "its worker is gone"), None) == [
        "baseline · seed 0: its worker is gone; it goes back to the queue"
    ]


def test_the_time_left_is_told_from_the_first_run_on_not_from_the_start(plan, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    board = Board(plan, {}, [Slot(0)])
    now[0] += 60.0  # workers import torch
    board.hear(Began("cpu0", Claim(0, plan.runs[0].fingerprint, 1)), None)
    assert board.eta == "--:--"
    now[0] += 5.0
    board.hear(Ended("cpu0", plan.runs[0].fingerprint, "x"), finished(plan.runs[0]))
    assert board.eta == "0:25"


def test_the_time_left_goes_by_what_others_end_too(plan, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    board = Board(plan, {}, [Slot(0)])
    assert board.hear(Joined(2), None) == ["small: joins a running campaign of 2 workers"]
    for run in plan.runs[:3]:
        now[0] += 3.0
        board.hear(Ended("", run.fingerprint, "x"), finished(run))
    assert board.eta == "0:09"


def test_where_nobody_watches_there_is_a_line_per_run(plan, capsys):
    with progress(plan, {}, [Slot(0)]) as listener:
        listener(Ended("cpu0", plan.runs[0].fingerprint, "x"), finished(plan.runs[0]))
    assert "[1/6] baseline · seed 0: finished, test 80.0 %; " in capsys.readouterr().out


def test_a_search_says_its_round_and_counts_what_is_still_to_come(home, capsys):
    tune = {"search": {"optimizer.lr": [0.01, 0.1]}, "trials": 3, "seeds": 1}
    spec = Spec.model_validate({"name": "small", "seeds": 2, "factors": {"dropout": {"p": 0.5}}, "tune": tune})
    plan = so_far(make_plan(spec), Records(home))
    total = 2 * 3 + 3 * 2
    board = Board(plan, {}, [Slot(0)])
    assert next(board.opening()) == f"small: about {total} runs, 0 recorded, {total} to train, 1 worker on CPU"
    runs = list(plan.by_fingerprint.values())
    board.hear(Offered(plan, runs, {}), None)
    assert "small, searching: round 1 of 3" in text(board)
    record = make_record(runs[0], "small", 1, "finished", 0.0, metrics={"val_accuracy": 71.0, "test_accuracy": 1.0})
    board.hear(Ended("cpu0", runs[0].fingerprint, "x"), record)
    assert board.left == total - 1
    assert board.line(record).startswith(f"[1/{total}] baseline · search 0 · seed 1000000: finished, val 71.0 %; ")
    with progress(plan, {}, [Slot(0)]) as listener:
        listener(Offered(plan, runs, {}), None)
    assert "searching: round 1 of 3" in capsys.readouterr().out


def test_after_a_search_the_table_is_of_what_is_reported(home):
    tune = {"search": {"optimizer.lr": [0.01, 0.1]}, "trials": 2, "seeds": 1}
    spec = Spec.model_validate({"name": "small", "seeds": 2, "factors": {"dropout": {"p": 0.5}}, "tune": tune})
    plan = so_far(make_plan(spec), Records(home))
    found = replace(make_plan(spec, {}), trials=plan.trials)
    searched = {run.fingerprint: finished(run, 99.0) for trial in plan.trials for run in trial.runs}
    board = Board(plan, {}, [Slot(0)])
    board.hear(Offered(found, list(found.by_fingerprint.values()), searched), None)
    assert (board.done, board.left) == (len(searched), len(found.runs))
    board.hear(Ended("cpu0", found.runs[0].fingerprint, "x"), finished(found.runs[0], 70.0))
    assert "70.0" in text(board)
    assert "99.0" not in text(board)


def test_a_notebook_sees_the_same_and_all_that_had_to_be_said(plan):
    board = Board(plan, {}, [Slot(0)])
    first = plan.runs[0]
    board.hear(Began("cpu0", Claim(0, first.fingerprint, 1)), None)
    view = board.view(["a run <failed>"])
    assert (view.title, view.note) == ("small: 0 of 6 runs, --:-- left", "cpu0: baseline · seed 0")
    assert "a run &lt;failed&gt;" in view._repr_html_()
    for run in plan.runs:
        board.hear(Ended("cpu0", run.fingerprint, "x"), finished(run, 75.0))
    view = board.view([])
    assert (view.title, view.note) == ("small: 6 of 6 runs", "")
    assert [cell.text for cell in view.rows[0]] == ["baseline", "2", "", "75.0", "1.0"]


def test_one_who_waits_for_mlflow_is_told_so(plan, capsys):
    board = Board(plan, {}, [Slot(0)])
    board.hear(Shipping(812), None)
    assert "MLflow: 812 runs to be shipped" in text(board)
    for newest in ({}, {run.fingerprint: finished(run) for run in plan.runs}):
        with progress(plan, newest, [Slot(0)]) as listener:
            listener(Shipping(812), None)
        assert "812 runs are still being shipped to MLflow" in capsys.readouterr().out
