import pytest

from runs import Home
from runs.campaign import taking_part
from runs.events import Claim
from runs.presence import Lease, Presence
from runs.records import Records, make_record
from runs.shared import open_shared
from runs.status import STATES, Onlooker, status


@pytest.fixture
def record(home):
    """Leaves the record of an attempt that took so many seconds."""

    def record(run, how="finished", attempt=1, seconds=4.0, **found):
        made = make_record(run, "small", attempt, how, 0.0, **found) | {"ended": seconds}
        assert Records(home).write(made)

    return record


@pytest.fixture
def command(plan, home):
    """The name of a command that is at work."""
    with taking_part(plan, home) as part:
        part.write(plan)
        yield part.me.worker


def at_work(home, command, name="cpu0@here#1", **doing):
    return Lease(open_shared(home), Presence(name, "small", "cpu", command, 1, **doing))


def test_every_planned_run_is_counted_once(plan, home, record):
    for run, how in zip(plan.runs, ("finished", "diverged", "failed"), strict=False):
        record(run, how, reason="ValueError: boom" if how == "failed" else None)
    found = status(plan, home)
    assert {key: found[key] for key in ("runs", "finished", "diverged", "failed", "running", "missing")} == {
        "runs": 8, "finished": 1, "diverged": 1, "failed": 1, "running": 0, "missing": 5,
    }  # fmt: skip
    assert [(one["arm"], one["seed"], one["reason"]) for one in found["failures"]] == [
        ("weight_decay", 0, "ValueError: boom")
    ]
    assert sum(arm["runs"] for arm in found["arms"]) == 8
    assert [sum(arm[state] for arm in found["arms"]) for state in STATES] == [found[state] for state in STATES]


def test_a_claim_is_running_only_while_somebody_works(plan, home, command):
    with at_work(home, command, claim=Claim(0, plan.runs[0].fingerprint, 1)):
        found = status(plan, home)
        assert (found["running"], found["missing"]) == (1, 7)
        (busy,) = (one for one in found["workers"] if not one["is_command"])
        assert (busy["run"], busy["epoch"], busy["epochs"], busy["done"]) == (plan.runs[0].title, 0, 2, 0)
    assert status(plan, home)["running"] == 0


def test_what_a_leaderless_machine_told_last_is_not_believed(plan, home):
    with at_work(home, "run@here#0"):
        onlooker = Onlooker(home)
        onlooker._shared.running = lambda: []
        assert onlooker.look(plan)["workers"] == []


def test_a_failed_run_that_is_tried_again_is_running(plan, home, command, record):
    record(plan.runs[0], "failed", reason="ValueError: boom")
    with at_work(home, command, claim=Claim(0, plan.runs[0].fingerprint, 2)):
        found = status(plan, home)
    assert (found["running"], found["failed"], found["failures"]) == (1, 0, [])


def test_a_failure_has_the_first_cause_beside_the_last(plan, home, record):
    run = plan.runs[0]
    record(run, "lost", 1, reason="its worker is gone", campaign="1")
    record(run, "failed", 2, reason="OSError: no such image")
    record(run, "failed", 3, reason="ValueError: boom")
    (failure,) = status(plan, home)["failures"]
    assert (failure["first_reason"], failure["reason"]) == ("OSError: no such image", "ValueError: boom")
    assert failure["run"] == f"{run.fingerprint}.3"


def test_attempts_that_were_lost_are_counted_by_their_reasons(plan, home, record):
    for attempt in (1, 2):
        record(plan.runs[0], "lost", attempt, reason="its worker is gone")
    for run, megabytes in zip(plan.runs[1:3], (3, 4), strict=True):
        record(run, "lost", reason=f"OutOfMemoryError: tried to allocate {megabytes} MB", crowded=True)
    found = status(plan, home)
    assert [one["attempts"] for one in found["lost"]] == [2, 2]
    assert found["lost"][0]["reason"] == "its worker is gone"
    assert found["missing"] == 8


def test_the_time_left_is_that_of_the_recorded_runs_shared_by_the_workers(plan, home, command, record):
    for run in plan.runs[:4]:
        record(run, seconds=6.0)
    assert status(plan, home)["eta_seconds"] is None  # nobody to train the other four
    assert [arm["seconds_left"] for arm in status(plan, home)["arms"]] == [6.0] * 4
    with at_work(home, command), at_work(home, command, "cpu1@here#2"):
        assert status(plan, home)["eta_seconds"] == pytest.approx(4 * 6.0 / 2)
    half = {"claim": Claim(0, plan.runs[4].fingerprint, 1), "epoch": plan.runs[4].recipe.trainer.epochs // 2}
    with at_work(home, command, **half), at_work(home, command, "cpu1@here#2"):
        assert status(plan, home)["eta_seconds"] == pytest.approx((3 + 1 / 2) * 6.0 / 2)


def test_it_takes_no_less_than_the_longest_run(plan, home, command, record):
    for run in plan.runs[:7]:
        record(run, seconds=6.0)
    with at_work(home, command), at_work(home, command, "cpu1@here#2"):
        assert status(plan, home)["eta_seconds"] == pytest.approx(6.0)


def test_without_a_record_nothing_is_trained_to_tell_the_time(plan, home, command, monkeypatch):
    monkeypatch.setattr("modules.trial.training_seconds", lambda recipe: pytest.fail("was trained"))
    with at_work(home, command):
        found = status(plan, home)
    assert found["eta_seconds"] is None
    assert {arm["seconds_left"] for arm in found["arms"]} == {None}


def test_a_record_is_read_once(plan, home, record, monkeypatch):
    onlooker, read, before = Onlooker(home), [], Records._read
    record(plan.runs[0])
    record(plan.runs[1], "failed", reason="ValueError: boom")
    monkeypatch.setattr(Records, "_read", staticmethod(lambda path: read.append(path.stem) or before(path)))
    assert [onlooker.look(plan)["finished"] for _ in range(3)] == [1, 1, 1]
    assert len(read) == 2
    record(plan.runs[1], attempt=2)
    read.clear()
    assert onlooker.look(plan)["finished"] == 2
    assert read == [f"{plan.runs[1].fingerprint}.2"]


def test_another_machine_sees_the_same(plan, home, record, database, tmp_path):
    with taking_part(plan, home) as part:
        part.write(plan)
        record(plan.runs[0])
        found = status(plan, Home(tmp_path / "elsewhere"))
    assert (found["finished"], found["missing"], len(found["workers"])) == (1, 7, 1)
