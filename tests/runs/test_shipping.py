import os
import signal
import threading
import time

import pytest
from mlflow.tracking import MlflowClient

from runs.campaign import taking_part
from runs.records import Records, make_record
from runs.shipping import Shipper
from runs.tracking import Tracker


@pytest.fixture
def shipper(plan, home, part):
    return Shipper(plan, home, part)


@pytest.fixture
def record(plan, home):
    def record(run, member=None):
        made = make_record(run, "small", 1, "finished", 0.0, member=member)
        Records(home).write(made)
        return made

    return record


def statuses(home):
    client = MlflowClient(tracking_uri=home.tracking_uri)
    found = client.search_runs([client.get_experiment_by_name("small").experiment_id])
    return {run.data.tags.get("record_id", "parent"): run.info.status for run in found}


def silent(waiting):
    """What one who waits for the tracker says: nothing."""


def test_nobody_waits_for_the_tracker_until_all_is_done(shipper, plan, home, record, monkeypatch):
    goes_on = threading.Event()
    ship = Tracker.ship
    monkeypatch.setattr(Tracker, "ship", lambda *args: goes_on.wait() and ship(*args))
    records = [record(run) for run in plan.runs[:3]]
    for one in records:
        shipper.ship(one)
    assert shipper.waiting <= 3  # and the tracker has taken none
    goes_on.set()
    shipper.close(True, silent)
    assert shipper.waiting == 0
    assert statuses(home) == {"parent": "FINISHED"} | {one["id"]: "FINISHED" for one in records}


def test_one_who_waits_is_told_how_much_is_left(shipper, plan, record, monkeypatch):
    monkeypatch.setattr("runs.shipping.OFTEN", 0.01)
    for run in plan.runs[:3]:
        shipper.ship(record(run))
    told = []
    shipper.close(True, told.append)
    assert told
    assert sorted(told, reverse=True) == told
    assert 0 not in told


def test_a_tracker_that_is_down_keeps_nobody(shipper, plan, record, monkeypatch):
    monkeypatch.setattr(Tracker, "__init__", lambda *args: (_ for _ in ()).throw(OSError("no server")))
    shipper.ship(record(plan.runs[0]))
    shipper.catch_up([record(plan.runs[1])])
    shipper.close(True, silent)
    assert shipper.waiting == 2


def test_where_nothing_was_to_be_shipped_the_tracker_is_not_opened(shipper, monkeypatch):
    monkeypatch.setattr(Tracker, "__init__", None)
    shipper.close(True, silent)


def test_an_interruption_leaves_the_tracker_whole(shipper, plan, home, record, monkeypatch):
    """The record in hand is shipped to its end, the rest is left to the next command."""
    ship = Tracker.ship

    def interrupted(self, record, *live):
        os.kill(os.getpid(), signal.SIGINT)  # which the main thread hears while it waits
        time.sleep(0.2)
        return ship(self, record, *live)

    monkeypatch.setattr(Tracker, "ship", interrupted)
    records = [record(run) for run in plan.runs[:3]]
    for one in records:
        shipper.ship(one)
    with pytest.raises(KeyboardInterrupt):
        shipper.close(True, silent)
    assert statuses(home) == {"parent": "FINISHED", records[0]["id"]: "FINISHED"}
    assert shipper.waiting == 2


def test_in_a_hurry_the_rest_is_left_to_the_next_command(shipper, plan, home, part, record, monkeypatch):
    ship = Tracker.ship
    monkeypatch.setattr(Tracker, "ship", lambda *args: time.sleep(0.2) or ship(*args))
    records = [record(run) for run in plan.runs[:3]]
    for one in records:
        shipper.ship(one)
    shipper.close(False, silent, patience=0.0)
    assert statuses(home)["parent"] == "FAILED"
    assert shipper.waiting > 0
    following = Shipper(plan, home, part)
    following.catch_up(records)
    following.close(True, silent)
    assert statuses(home) == {"parent": "FINISHED"} | {one["id"]: "FINISHED" for one in records}


def test_what_one_leaves_who_died_before_shipping_it_is_waited_for(shipper, plan, home, record):
    with taking_part(plan, home) as dying:
        left = record(plan.runs[0], dying.me.worker)
        shipper.catch_up([left])
        dies = threading.Timer(1.0, dying.shared.leave, [dying.me])  # as its lease runs out
        dies.start()
        shipper.close(True, silent)
        dies.join()
    assert statuses(home) == {"parent": "FINISHED", left["id"]: "FINISHED"}
    assert shipper.waiting == 0


def test_one_who_lives_and_does_not_ship_is_waited_for_no_longer_than_one_who_died(
    shipper, plan, home, record, monkeypatch
):
    monkeypatch.setattr("runs.shipping.LEASE", 0.1)
    monkeypatch.setattr("runs.shipping.EVERY", 0.1)
    with taking_part(plan, home) as frozen:
        shipper.catch_up([record(plan.runs[0], frozen.me.worker)])
        shipper.close(True, silent)
    assert statuses(home) == {"parent": "FINISHED"}
    assert shipper.waiting == 1
