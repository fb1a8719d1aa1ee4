"""What the leader offers, and whom it takes runs back from."""

import pytest

from runs import feeding, presence
from runs.feeding import MAX_ATTEMPTS, Feeder, taken_back
from runs.presence import Lease, Presence
from runs.records import Records, make_record

HOLDER = "cpu0@here#1"


@pytest.fixture
def queue(part):
    return part.shared.queue("small", part.campaign.id)


@pytest.fixture
def feeder(part, queue):
    return Feeder(part, queue)


@pytest.fixture
def lease(part):
    with Lease(part.shared, Presence(HOLDER, "small", "cpu", part.me.worker, 1)) as lease:
        yield lease


@pytest.fixture
def reasons(feeder, queue, monkeypatch):
    """Why runs are taken back after so many looks, a second apart."""
    now = [0.0]
    monkeypatch.setattr(presence, "monotonic", lambda: now[0])

    def reasons(looks, between=lambda: None):
        for _ in range(looks):
            now[0] += 1.0
            between()
            found = [reason for _, reason in feeder.gone(queue.look())]
        return found

    return reasons


def test_a_window_of_the_runs_waits_in_their_order(feeder, queue, plan):
    queue.window = lambda workers: 3
    keys = [run.fingerprint for run in plan.runs]
    feeder.see(queue.look(), keys, {keys[1]: 4})
    assert queue.look().waiting == set(keys[:3])
    claims = [queue.claim("w") for _ in range(3)]
    assert [claim.id for claim in claims] == [f"{keys[0]}.1", f"{keys[1]}.5", f"{keys[2]}.1"]
    feeder.see(queue.look(), keys, {})
    assert queue.look().waiting == set(keys[3:6])


def test_who_gives_signs_of_life_keeps_what_it_holds(lease, queue, reasons):
    queue.offer("a", 1)
    claim = queue.claim(HOLDER)
    assert reasons(100, between=lambda: lease.take(claim)) == []


def test_who_gives_none_for_a_lease_loses_what_it_holds(lease, queue, reasons):
    queue.offer("a", 1)
    lease.take(queue.claim(HOLDER))
    assert reasons(30) == []
    assert reasons(1) == ["its worker has given no sign of life for 30 s"]


def test_who_lives_but_works_on_something_else_loses_it_as_well(lease, queue, reasons):
    queue.offer("a", 1)
    queue.offer("b", 1)
    queue.claim(HOLDER)
    second = queue.claim(HOLDER)
    assert reasons(31, between=lambda: lease.take(second)) == ["its worker has given no sign of life for 30 s"]


def test_the_dead_lose_it_soon_and_so_do_those_who_died_before_they_said_who_they_are(queue, reasons):
    queue.offer("a", 1)
    queue.claim(HOLDER)
    assert reasons(2) == []
    assert reasons(1) == ["its worker is gone"]


def claim_of(queue, key, attempt):
    queue.offer(key, attempt)
    return queue.claim(HOLDER)


def test_what_is_taken_back_often_enough_has_failed(part, queue, plan, home):
    run, records = plan.runs[0], Records(home)
    for attempt in range(1, MAX_ATTEMPTS):
        assert taken_back(part, records, run, claim_of(queue, run.fingerprint, attempt), "it is gone") is None
    failed = taken_back(part, records, run, claim_of(queue, run.fingerprint, MAX_ATTEMPTS), "it is gone")
    assert (failed["status"], failed["reason"]) == ("failed", "it is gone, 3 times under this run")
    assert records.newest([run.fingerprint]) == {run.fingerprint: failed}


def test_memory_that_ran_out_is_no_death(part, queue, plan, home):
    run, records = plan.runs[0], Records(home)
    for attempt in range(1, 5):
        record = make_record(run, "small", attempt, "lost", 0.0, campaign=part.campaign.id, crowded=True)
        assert records.write(record)
    assert taken_back(part, records, run, claim_of(queue, run.fingerprint, 5), "it is gone") is None


def test_a_record_written_with_the_last_breath_counts(part, queue, plan, home):
    run, records = plan.runs[0], Records(home)
    records.write(record := make_record(run, "small", 1, "finished", 0.0))
    assert taken_back(part, records, run, claim_of(queue, run.fingerprint, 1), "it is gone") == record


def test_the_result_of_an_attempt_that_was_taken_back_is_refused(part, queue, plan, home):
    run, records = plan.runs[0], Records(home)
    taken_back(part, records, run, claim_of(queue, run.fingerprint, 1), "it is gone")
    assert not records.write(make_record(run, "small", 1, "finished", 0.0))
    assert records.newest([run.fingerprint]) == {}
    assert records.last_attempts([run.fingerprint]) == {run.fingerprint: 1}
    assert records.get(f"{run.fingerprint}.1")["status"] == feeding.LOST
