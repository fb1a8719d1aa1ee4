import signal

import pytest
from mlflow.tracking import MlflowClient

from runs import shipping
from runs.events import Claim
from runs.records import make_record
from runs.shipping import Shipper
from runs.tracking import Tracker


@pytest.fixture
def shipper(plan, home, monkeypatch):
    monkeypatch.setattr(shipping, "EVERY", 0.0)
    return Shipper(plan, home).open()


def children(home):
    client = MlflowClient(tracking_uri=home.tracking_uri)
    return client.search_runs([client.get_experiment_by_name("small").experiment_id], "tags.role = 'run'")


def test_a_long_run_shows_its_curves_while_it_goes_on_and_stays_one_run(shipper, plan, home):
    run = plan.runs[0]
    shipper.began(Claim(0, run.fingerprint, 1))
    shipper.point(run.fingerprint, 1, {"val_loss": 2.0})
    shipper.flush()
    (live,) = children(home)
    assert (live.info.status, live.data.metrics) == ("RUNNING", {"epoch/val_loss": 2.0})
    shipper.ship(make_record(run, "small", 1, "finished", 0.0, curves={"val_loss": [2.0, 1.0]}))
    (ended,) = children(home)
    assert (ended.info.run_id, ended.info.status) == (live.info.run_id, "FINISHED")
    assert ended.data.metrics == {"epoch/val_loss": 1.0}


def test_a_run_that_tells_epochs_without_numbers_has_its_whole_curves_in_the_end(shipper, plan, home):
    run = plan.runs[0]
    shipper.began(Claim(0, run.fingerprint, 1))
    for epoch in range(1, 5):  # two epochs of each of two members
        shipper.point(run.fingerprint, epoch, {})
    shipper.flush()
    shipper.ship(make_record(run, "small", 1, "finished", 0.0, curves={"val_loss": [2.0, 1.0]}))
    (ended,) = children(home)
    history = MlflowClient(tracking_uri=home.tracking_uri).get_metric_history(ended.info.run_id, "epoch/val_loss")
    assert [(point.step, point.value) for point in history] == [(1, 2.0), (2, 1.0)]


def test_what_was_live_when_all_ends_is_killed(shipper, plan, home):
    run = plan.runs[0]
    shipper.began(Claim(0, run.fingerprint, 1))
    shipper.point(run.fingerprint, 1, {"val_loss": 2.0})
    shipper.flush()
    shipper.close(complete=False)
    assert [run.info.status for run in children(home)] == ["KILLED"]


def test_a_tracker_in_trouble_is_told_and_tried_again(shipper, plan, home, monkeypatch):
    record = make_record(plan.runs[0], "small", 1, "finished", 0.0)
    ship = Tracker.ship
    monkeypatch.setattr(Tracker, "ship", lambda *args: (_ for _ in ()).throw(OSError("database or disk is full")))
    shipper.ship(record)
    assert (shipper.waiting, shipper.trouble) == (1, "OSError: database or disk is full")
    monkeypatch.setattr(Tracker, "ship", ship)
    shipper.flush()
    assert (shipper.waiting, shipper.trouble) == (0, None)
    assert len(children(home)) == 1


def test_an_interruption_waits_until_the_tracker_has_taken_what_it_was_given(shipper, plan, home, monkeypatch):
    ship = Tracker.ship

    def interrupted(self, record, *live):
        signal.raise_signal(signal.SIGINT)
        ship(self, record, *live)

    monkeypatch.setattr(Tracker, "ship", interrupted)
    with pytest.raises(KeyboardInterrupt):
        shipper.ship(make_record(plan.runs[0], "small", 1, "finished", 0.0))
    assert [run.info.status for run in children(home)] == ["FINISHED"]
    assert shipper.waiting == 0
