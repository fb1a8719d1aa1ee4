import pytest
from mlflow.tracking import MlflowClient

from runs import carrier
from runs.campaign import taking_part
from runs.carrier import Carrier, Spooled
from runs.events import Claim
from runs.records import Records, make_record
from runs.tracking import Tracker


@pytest.fixture
def takes(plan, home, part, monkeypatch):
    monkeypatch.setattr(carrier, "EVERY", 0.0)
    return Carrier(plan, home, part)


@pytest.fixture
def spooled(plan, home):
    """Writes a record, as a run that has ended leaves it."""

    def spooled(run, member=None, attempt=1, **found):
        record = make_record(run, "small", attempt, "finished", 0.0, member=member, **found)
        Records(home).write(record)
        return Spooled(record["id"], run.fingerprint, member)

    return spooled


def children(home):
    client = MlflowClient(tracking_uri=home.tracking_uri)
    return client.search_runs([client.get_experiment_by_name("small").experiment_id], "tags.role = 'run'")


def test_a_long_run_shows_its_curves_while_it_goes_on_and_stays_one_run(takes, plan, home, spooled):
    run = plan.runs[0]
    takes.began(Claim(0, run.fingerprint, 1))
    takes.point(run.fingerprint, 1, {"val_loss": 2.0})
    takes.step()
    (live,) = children(home)
    assert (live.info.status, live.data.metrics) == ("RUNNING", {"epoch/val_loss": 2.0})
    takes.ship(spooled(run, curves={"val_loss": [2.0, 1.0]}))
    takes.step()
    (ended,) = children(home)
    assert (ended.info.run_id, ended.info.status) == (live.info.run_id, "FINISHED")
    assert ended.data.metrics == {"epoch/val_loss": 1.0}
    assert ended.data.tags["status"] == "finished"


def test_a_run_that_tells_epochs_without_numbers_has_its_whole_curves_in_the_end(takes, plan, home, spooled):
    run = plan.runs[0]
    takes.began(Claim(0, run.fingerprint, 1))
    for epoch in range(1, 5):  # two epochs of each of two members
        takes.point(run.fingerprint, epoch, {})
    takes.step()
    takes.ship(spooled(run, curves={"val_loss": [2.0, 1.0]}))
    takes.step()
    (ended,) = children(home)
    history = MlflowClient(tracking_uri=home.tracking_uri).get_metric_history(ended.info.run_id, "epoch/val_loss")
    assert [(point.step, point.value) for point in history] == [(1, 2.0), (2, 1.0)]


def test_points_of_a_run_that_waits_to_be_shipped_are_not_kept_twice(takes, plan, spooled):
    run = plan.runs[0]
    takes.began(Claim(0, run.fingerprint, 1))
    takes.point(run.fingerprint, 1, {"val_loss": 2.0})
    takes.ship(spooled(run, curves={"val_loss": [2.0]}))
    takes._show_live()
    assert takes._live[run.fingerprint].run_id is None


def test_what_was_live_when_all_ends_is_killed(takes, plan, home):
    run = plan.runs[0]
    takes.began(Claim(0, run.fingerprint, 1))
    takes.point(run.fingerprint, 1, {"val_loss": 2.0})
    takes.step()
    takes.finish(complete=False)
    assert [run.info.status for run in children(home)] == ["KILLED"]


def test_a_tracker_in_trouble_is_told_and_tried_again(takes, plan, home, spooled, monkeypatch):
    ship = Tracker.ship
    monkeypatch.setattr(Tracker, "ship", lambda *args: (_ for _ in ()).throw(OSError("database or disk is full")))
    takes.ship(spooled(plan.runs[0]))
    takes.step()
    assert (takes.waiting, takes.trouble) == (1, "OSError: database or disk is full")
    assert 0 < takes.rest <= carrier.PATIENCE
    takes.step()
    assert takes.trouble
    monkeypatch.setattr(Tracker, "ship", ship)
    takes.hurry()
    takes.step()
    assert (takes.waiting, takes.trouble) == (0, None)
    assert len(children(home)) == 1


def test_a_record_that_is_refused_does_not_hold_up_the_others(takes, plan, home, spooled, monkeypatch):
    bad, *others = [spooled(run) for run in plan.runs[:3]]
    ship = Tracker.ship

    def picky(self, record, *live):
        if record["id"] == bad.id:
            raise ValueError("never")
        return ship(self, record, *live)

    monkeypatch.setattr(Tracker, "ship", picky)
    for one in (bad, *others):
        takes.ship(one)
    for _ in range(3):
        takes.hurry()
        takes.step()
    assert takes.waiting == 1
    assert len(children(home)) == 2


def test_what_was_left_behind_is_shipped_once_and_what_others_are_at_is_left_to_them(takes, plan, home, spooled):
    mine, left = spooled(plan.runs[0]), spooled(plan.runs[1], "dead")
    with taking_part(plan, home) as other:
        theirs = spooled(plan.runs[3], other.me.worker)
        takes.catch_up([mine, left, theirs])
        for _ in range(3):
            takes.step()
        assert (takes.waiting, len(children(home))) == (1, 2)
    for _ in range(2):
        takes.step()
    assert len(children(home)) == 3
    assert takes.waiting == 0


def test_what_somebody_shipped_before_dying_is_found_there(takes, plan, home, spooled):
    one = spooled(plan.runs[0], "dead")
    Tracker(home, "small").ship(Records(home).get(one.id))
    home.ledger("small").unlink()
    takes.catch_up([one])
    takes.step()
    assert (takes.waiting, len(children(home))) == (0, 1)


def test_two_commands_do_not_both_ship_what_was_left_behind(takes, plan, home, part, spooled):
    takes.catch_up([spooled(plan.runs[0], "dead")])
    with part.shared.alone("small", "shipping"):
        takes.step()
        assert (takes.waiting, children(home)) == (1, [])
    takes.step()
    assert (takes.waiting, len(children(home))) == (0, 1)


def test_a_run_whose_end_the_tracker_took_without_an_answer_is_there_once(takes, plan, home, spooled, monkeypatch):
    ended = MlflowClient.set_terminated

    def unanswered(self, *args):
        monkeypatch.setattr(MlflowClient, "set_terminated", ended)
        ended(self, *args)
        raise OSError("connection lost")

    takes.step()
    monkeypatch.setattr(MlflowClient, "set_terminated", unanswered)
    takes.ship(spooled(plan.runs[0]))
    takes.step()
    assert (takes.waiting, takes.trouble) == (1, "OSError: connection lost")
    takes.hurry()
    takes.step()
    assert (takes.waiting, [run.info.status for run in children(home)]) == (0, ["FINISHED"])


def test_weights_wait_until_their_run_has_ended_in_the_tracker(takes, plan, home, spooled, monkeypatch):
    weights = home.weights / "some.pt"
    weights.write_bytes(b"weights")
    takes.step()
    with monkeypatch.context() as away:
        away.setattr(MlflowClient, "set_terminated", lambda *args: (_ for _ in ()).throw(OSError("away")))
        takes.ship(spooled(plan.runs[0], files=[str(weights)]))
        takes.step()
    assert weights.exists()
    takes.hurry()
    takes.step()
    assert not weights.exists()


def test_a_run_that_has_ended_and_waits_to_be_shipped_by_its_own_command_is_not_killed(takes, plan, home, spooled):
    kept, lost = plan.runs[:2]
    for run in (kept, lost):
        takes.began(Claim(0, run.fingerprint, 1))
        takes.point(run.fingerprint, 1, {"val_loss": 2.0})
    takes.step()
    spooled(kept)
    Records(home).write(make_record(lost, "small", 1, "lost", 0.0))
    Carrier(plan, home, takes._part).finish(True)
    assert {run.data.tags["fingerprint"]: run.info.status for run in children(home)} == {
        kept.fingerprint: "RUNNING",
        lost.fingerprint: "KILLED",
    }
