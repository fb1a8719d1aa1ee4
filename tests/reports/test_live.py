import io

import pytest
from rich.console import Console

from ablations import Spec
from reports.live import _Board, progress
from runs import make_plan
from runs.events import Began, Claim, Died, Ended, Point
from runs.records import make_record
from runs.slots import Slot


@pytest.fixture(scope="module")
def plan():
    return make_plan(Spec.model_validate({"name": "small", "seeds": 2, "factors": {"dropout": {"p": 0.5}}}))


def finished(run, accuracy=80.0):
    return make_record(run, "small", 1, "finished", 0.0, metrics={"test_accuracy": accuracy, "gap": 1.0})


def text(board):
    console = Console(file=io.StringIO(), width=100)
    console.print(board.shown())
    return console.file.getvalue()


def test_the_table_fills_as_runs_end(plan):
    board = _Board(plan, {}, [Slot(0)])
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
    board = _Board(plan, {run.fingerprint: finished(run)}, [Slot(0), Slot(1)])
    assert board.left == 5
    assert next(board.opening()) == "small: 6 runs, 1 recorded, 5 to train, 2 workers on CPU"


def test_another_torch_is_said_aloud(plan):
    run = plan.runs[0]
    record = finished(run)
    record["versions"] = {**record["versions"], "torch": "1.0"}
    board = _Board(plan, {run.fingerprint: record}, [Slot(0)])
    assert "trained with torch 1.0" in list(board.opening())[1]


def test_failures_and_deaths_are_said_at_once(plan):
    board = _Board(plan, {}, [Slot(0)])
    run = plan.runs[0]
    failed = make_record(run, "small", 1, "failed", 0.0, reason="ValueError: boom")
    assert board.hear(Ended("cpu0", run.fingerprint, "x"), failed) == ["failed: baseline · seed 0: ValueError: boom"]
    (said,) = board.hear(Died("cpu0", "its worker was killed (SIGKILL)"), None)
    assert "its run goes back to the queue" in said


def test_where_nobody_watches_there_is_a_line_per_run(plan, capsys):
    with progress(plan, {}, [Slot(0)]) as listener:
        listener(Ended("cpu0", plan.runs[0].fingerprint, "x"), finished(plan.runs[0]))
    assert "[1/6] baseline · seed 0: finished, test 80.0 %; " in capsys.readouterr().out
