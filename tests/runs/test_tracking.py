import base64
import json
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from runs.campaign import Campaign
from runs.records import make_record
from runs.shared import open_shared
from runs.tracking import Tracker, open_tracker, record_of


@pytest.fixture
def tracker(home, plan):
    tracker = Tracker(home, "small")
    tracker.describe(plan, Campaign("c0ffee", 0.0, "version", "abc1234+", "-old\n+new\n"))
    return tracker


@pytest.fixture
def client(home):
    return MlflowClient(tracking_uri=home.tracking_uri)


@pytest.fixture
def record(plan, home):
    weights = home.weights / "some.pt"
    weights.write_bytes(b"weights")
    return make_record(
        plan.runs[1], "small", 1, "finished", 1000.0, files=[str(weights)],
        metrics={"test_accuracy": 1 / 3, "test_loss": float("inf")}, curves={"val_loss": [3.0, 2.0, float("nan")]},
    )  # fmt: skip


@pytest.fixture
def report(tmp_path):
    (tmp_path / "report").mkdir()
    return tmp_path / "report"


CELLS = {("dropout", "lenet5")}


def children(client, tracker):
    return client.search_runs([tracker.experiment], "tags.role = 'run'")


def test_commands_that_begin_at_once_share_one_experiment_and_one_parent_run(home, client, monkeypatch):
    create = MlflowClient.create_run

    def slow(self, *args, **given):
        time.sleep(0.3)  # all others look for a parent meanwhile
        return create(self, *args, **given)

    monkeypatch.setattr(MlflowClient, "create_run", slow)
    with ThreadPoolExecutor(3) as commands:
        opened = list(commands.map(lambda _: open_tracker(home, open_shared(home), "small"), range(3)))
    (parent,) = client.search_runs([opened[0].experiment])
    assert {(one.experiment, one.parent) for one in opened} == {(opened[0].experiment, parent.info.run_id)}


def test_a_record_becomes_one_child_run_however_often_it_is_shipped(tracker, client, record, home):
    tracker.ship(record)
    tracker.ship(record)
    Tracker(home, "small").ship(record)
    (run,) = children(client, tracker)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "dropout p=0.5 · seed 0"
    assert run.data.metrics == {"test_accuracy": 1 / 3, "epoch/val_loss": 2.0}
    assert [point.step for point in client.get_metric_history(run.info.run_id, "epoch/val_loss")] == [1, 2]
    assert run.data.params["optimizer.lr"] == "0.02"
    assert run.data.params["model.surgeries.dropout.p"] == "0.5"
    expected = {
        "arm": "dropout",
        "factor": "dropout",
        "level": "p=0.5",
        "seed": "0",
        "attempt": "1",
        "status": "finished",
    }
    assert expected.items() <= run.data.tags.items()
    assert run.data.tags["mlflow.parentRunId"] == tracker.parent


def test_artifacts_hold_the_record_the_difference_and_the_weights(tracker, client, record, home):
    tracker.ship(record)
    (run,) = children(client, tracker)
    names = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert names == {"record.json", "difference.txt", "weights.pt"}
    assert record_of(home, run.info.run_id)["id"] == record["id"]
    assert not Path(record["files"][0]).exists()


def test_a_failure_shows_its_reason(tracker, client, plan):
    failed = make_record(plan.runs[0], "small", 1, "failed", 0.0, reason="ValueError: boom", traceback="Traceback ...")
    tracker.ship(failed)
    (run,) = children(client, tracker)
    assert run.info.status == "FAILED"
    assert "ValueError: boom" in run.data.tags["mlflow.note.content"]


def test_live_curves_are_continued_by_the_record(tracker, client, plan, record):
    run_id = tracker.begin(plan.runs[1], 1, 1000.0)
    tracker.show(run_id, [(1, {"val_loss": 3.0})])
    assert [run.info.status for run in children(client, tracker)] == ["RUNNING"]
    tracker.ship(record, run_id, shown=1)
    (run,) = children(client, tracker)
    assert run.info.run_id == run_id
    history = client.get_metric_history(run_id, "epoch/val_loss")
    assert sorted((point.step, point.value) for point in history) == [(1, 3.0), (2, 2.0)]


def test_a_run_that_nobody_trains_becomes_killed(tracker, client, plan, home):
    tracker.begin(plan.runs[0], 1, 0.0)
    assert tracker.reconcile() == 1
    assert [run.info.status for run in children(client, tracker)] == ["KILLED"]
    assert Tracker(home, "small").read() == {}


def test_the_parent_holds_spec_note_and_end(tracker, client, plan, tmp_path):
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").write_text("x")
    tracker.publish(lambda longest: "the answer", tmp_path / "report", CELLS)
    tracker.finish(complete=True)
    parent = client.get_run(tracker.parent)
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["mlflow.note.content"].startswith("the answer\n\n[Report](#/experiments/")
    assert client.get_experiment(tracker.experiment).tags["mlflow.note.content"].startswith("the answer\n\n[Report]")
    assert {file.path for file in client.list_artifacts(tracker.parent)} == {"spec.yaml", "code.diff", "report"}


def test_each_note_is_as_long_as_mlflow_takes_it(tracker, client, report):
    tracker.publish(lambda longest: f"title\n\n{'x' * longest}"[:longest], report, CELLS)
    assert len(client.get_experiment(tracker.experiment).tags["mlflow.note.content"]) == 20_000
    assert len(client.get_run(tracker.parent).data.tags["mlflow.note.content"]) == 8_000


def test_a_server_that_takes_less_is_asked_again(tracker, client, report, monkeypatch):
    taken = client.set_experiment_tag

    def strict(experiment, key, value):
        if len(value) > 5_000:
            raise MlflowException("value is too long")
        taken(experiment, key, value)

    monkeypatch.setattr(tracker._client, "set_experiment_tag", strict)
    tracker.publish(lambda longest: f"title\n\n{'x' * longest}"[:longest], report, CELLS)
    assert len(client.get_experiment(tracker.experiment).tags["mlflow.note.content"]) == 5_000


def test_no_file_of_an_earlier_report_stays(tracker, client, tmp_path):
    report = tmp_path / "report"
    for name in ("index.html", "members.csv", "figures/forest.svg", "figures/dose.svg", "old/a.txt"):
        (report / name).parent.mkdir(parents=True, exist_ok=True)
        (report / name).write_text(name)
    tracker.publish(lambda longest: "first", report, CELLS)
    for name in ("members.csv", "figures/dose.svg", "old/a.txt"):
        (report / name).unlink()
    (report / "old").rmdir()
    tracker.publish(lambda longest: "second", report, CELLS)
    names = {
        file.path for folder in ("report", "report/figures") for file in client.list_artifacts(tracker.parent, folder)
    }
    assert names == {"report/index.html", "report/figures", "report/figures/forest.svg"}
    assert {file.path for file in client.list_artifacts(tracker.parent)} == {"spec.yaml", "code.diff", "report"}


def test_the_ui_is_offered_the_runs_by_arm(tracker, client, report):
    tracker.publish(lambda longest: "the answer", report, CELLS)
    view = json.loads(client.get_experiment(tracker.experiment).tags["mlflow.sharedViewState.arms"])
    kind, _, packed = view["state"].partition(";")
    state = json.loads(zlib.decompress(base64.b64decode(packed)))
    assert (view["name"], kind) == ("arms", "deflate")
    assert state["groupBy"]["groupByKeys"] == [{"mode": "tag", "groupByData": "arm"}]
    assert state["groupsExpanded"] == {"tag.arm.dropout": False}


def test_the_parent_tells_which_code_trained(tracker, client, tmp_path):
    parent = client.get_run(tracker.parent)
    assert {"commit": "abc1234+", "campaign": "c0ffee", "margin": "1.0"}.items() <= parent.data.tags.items()
    assert Path(client.download_artifacts(tracker.parent, "code.diff", str(tmp_path))).read_text() == "-old\n+new\n"


def test_what_mlflow_holds_is_read_with_the_numbers_of_the_record(tracker, home, record):
    shipped = tracker.ship(record)
    assert Tracker(home, "small").read() == {record["id"]: shipped}
    assert shipped.scalars == {"test_accuracy": 1 / 3}


def test_a_run_that_was_deleted_in_the_ui_is_shipped_again_once_it_was_looked_at(tracker, client, home, plan):
    record = make_record(plan.runs[0], "small", 1, "finished", 0.0)
    client.delete_run(tracker.ship(record).run_id)
    again = Tracker(home, "small")
    assert again.ship(record) is None
    assert again.read() == {}
    assert again.ship(record) is not None
    assert len(children(client, again)) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_what_others_shipped_is_looked_up_one_by_one_or_all_at_once(tracker, home, plan, number, monkeypatch):
    monkeypatch.setattr("runs.tracking.FEW", 2)
    records = [make_record(run, "small", 1, "finished", 0.0) for run in plan.runs[:3]]
    tracker.ship(records[0])
    home.ledger("small").unlink()
    again = Tracker(home, "small")
    again.look_up([record["id"] for record in records[:number]])
    assert [record["id"] in again.shipped for record in records] == [True, False, False]
