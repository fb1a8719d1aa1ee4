from runs.events import Claim
from runs.lock import alone
from runs.queue import Queue
from runs.records import Records, make_record
from runs.status import status


def test_every_planned_run_is_counted_once(plan, home):
    records = Records(home)
    for run, how in zip(plan.runs, ("finished", "diverged", "failed"), strict=False):
        reason = "ValueError: boom" if how == "failed" else None
        records.write(make_record(run, "small", 1, how, 0.0, reason=reason))
    found = status(plan, home)
    assert {key: found[key] for key in ("runs", "finished", "diverged", "failed", "running", "missing")} == {
        "runs": 8, "finished": 1, "diverged": 1, "failed": 1, "running": 0, "missing": 5,
    }  # fmt: skip
    assert [(one["arm"], one["seed"], one["reason"]) for one in found["failures"]] == [
        ("weight_decay", 0, "ValueError: boom")
    ]


def test_a_claim_is_running_only_while_somebody_works(plan, home):
    queue = Queue(home.journal("small"), "small")
    queue.offer([plan.runs[0].fingerprint])
    assert isinstance(queue.claim("w"), Claim)
    with alone(home, "small"):
        assert status(plan, home)["running"] == 1
    assert status(plan, home)["running"] == 0
