"""What every place keeps at which those who work on ablations meet: files, or a database."""

import multiprocessing
import os
import signal
import time

import pytest

from runs.events import Claim
from runs.home import Home
from runs.lock import Busy
from runs.presence import Presence
from runs.queue import _Link
from runs.records import Records
from runs.shared import open_shared
from tests.side_by_side import found_by_two

ME = Presence("cpu0@here#1", "small", "cpu", "run@here#0", 1)


@pytest.fixture(params=["files", "database"])
def shared(request, home):
    if request.param == "database":
        request.getfixturevalue("database")
    return open_shared(home)


def record(key, attempt=1, **others):
    return {"id": f"{key}.{attempt}", "fingerprint": key, "attempt": attempt, "ablation": "small", **others}


def test_the_plan_that_was_written_last_is_read(shared):
    assert shared.read_plan("small") is None
    for plan in ({"name": "small", "runs": []}, {"name": "small", "over": True, "question": "Größer als 0 \0?"}):
        shared.write_plan("small", plan)
        assert shared.read_plan("small") == plan
    assert shared.read_plan("other") is None


def test_only_one_does_what_one_alone_may_do(shared, home):
    with shared.alone("small", "lead") as still_held:
        assert still_held()
        with pytest.raises(Busy, match="small"), open_shared(home).alone("small", "lead"):
            pass
        with open_shared(home).alone("small", "shipping"), open_shared(home).alone("other", "lead"):
            pass
    with shared.alone("small", "lead"):
        pass


def _hold(home, held):
    with open_shared(home).alone("small", "lead"):
        held.set()
        time.sleep(600)


def test_what_a_killed_process_held_is_free(shared, home):
    context = multiprocessing.get_context("spawn")
    holder = context.Process(target=_hold, args=(home, held := context.Event()))
    holder.start()
    assert held.wait(60)
    with pytest.raises(Busy), shared.alone("small", "lead"):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    with shared.alone("small", "lead", patience=10):
        pass


def test_who_is_at_work_is_seen_with_what_they_do_until_they_leave(shared):
    other = ME._replace(worker="cpu1@here#2", ablation="other")
    shared.enter(ME), shared.enter(other)
    assert shared.present("small") == [ME]
    busy = ME._replace(beat=1, claim=Claim(3, "abc", 2), epoch=5)
    shared.tell(busy)
    assert shared.present("small") == [busy]
    shared.leave(busy)
    assert shared.present("small") == []
    assert shared.present("other") == [other]
    shared.leave(other)


def test_an_ablation_that_somebody_leads_and_works_on_is_running(shared):
    assert shared.running() == []
    with shared.alone("small", "lead"):
        shared.enter(ME)
        assert shared.running() == ["small"]
        shared.leave(ME)
    assert shared.running() == []


def test_the_first_record_of_an_attempt_counts(shared, home):
    assert shared.add(record("a", status="lost"))
    assert not shared.add(record("a", status="finished"))
    assert shared.add(record("a", 2, status="finished"))
    records = Records(home)
    assert records.get("a.1")["status"] == "lost"
    assert [one["status"] for one in records.attempts("a")] == ["lost", "finished"]
    assert records.get("a.3") is None
    assert list(home.spool.iterdir()) == []


def _add_all(home, who, kept):
    shared = open_shared(home)
    kept.put([one for one in range(50) if shared.add(record(f"run{one}", by=who))])


def test_of_two_processes_that_add_the_same_records_one_is_believed_of_each(shared, home):
    assert sorted(found_by_two(_add_all, home)) == list(range(50))


@pytest.fixture
def short(monkeypatch):
    """A queue is a chain of short links."""
    monkeypatch.setattr("runs.queue.LENGTH", 3)


@pytest.mark.usefixtures("short")
def test_every_campaign_has_a_queue_of_its_own_and_the_last_ones_go(shared):
    shared.drop_queues("small", keep="none yet")
    first, other = shared.queue("small", "c1"), shared.queue("small2", "c1")
    for queue in (first, other):
        queue.offer("a", 1), queue.offer("b", 2)
    claim = first.claim("w")
    second = shared.queue("small", "c2")
    for number in range(6):
        first.offer(f"{number}", 1), second.offer(f"{number}", 1), second.complete(second.claim("w"), 1.0)
    assert len(second.look().ended) == 6
    assert second.look() == (set(), [], [])
    shared.drop_queues("small", keep="c2")
    assert second.look() == (set(), [], [])
    assert shared.queue("small2", "c1").look().waiting == {"a", "b"}
    assert shared.queue("small", "c1").look() == (set(), [], []), claim


def test_a_queue_hands_runs_out_once_in_order_and_tells_what_became_of_them(shared):
    queue, other = shared.queue("small", "c"), shared.queue("small", "c")
    for key in "abc":
        queue.offer(key, 1)
    ended, held = other.claim("v"), queue.claim("w")
    assert (ended.key, held.key) == ("a", "b")
    other.complete(ended, 50.0)
    queue.complete(ended, None)
    assert queue.look() == ({"c"}, [(held, "w")], [ended])
    assert queue.look() == ({"c"}, [(held, "w")], [])
    assert other.claim("v").key == "c"
    assert other.claim("v") is None
    assert len(queue.look().running) == 2


@pytest.mark.usefixtures("short")
def test_a_long_queue_hands_out_and_tells_of_each_run_once_whenever_one_comes(shared):
    leader, early = (shared.queue("small", "c") for _ in range(2))
    keys, claims = [f"run{number}" for number in range(11)], []
    for key in keys[:8]:
        leader.offer(key, 1)
    claims += [early.claim("v") for _ in range(5)]
    late, second_leader = (shared.queue("small", "c") for _ in range(2))
    assert leader.look() == (set(keys[5:8]), [(claim, "v") for claim in claims], [])
    early.complete(claims[4], 1.0)
    assert second_leader.look() == (set(keys[5:8]), [(claim, "v") for claim in claims[:4]], [claims[4]])
    for key in keys[8:]:
        second_leader.offer(key, 1)
    while claim := (late if len(claims) % 2 else early).claim("w"):
        claims.append(claim)
    assert [claim.key for claim in claims] == keys
    for claim in claims[:4]:
        late.complete(claim, None)
    assert leader.look() == (set(), [(claim, "w") for claim in claims[5:]], claims[:5])
    assert second_leader.look().ended == claims[:4]
    assert leader.look().ended == []


@pytest.mark.usefixtures("short")
def test_what_a_former_leader_offers_before_it_knows_is_handed_out_too(shared):
    former, leader, worker = (shared.queue("small", "c") for _ in range(3))
    former.offer("a", 1)
    assert leader.look().waiting == {"a"}
    for key in "bcd":
        leader.offer(key, 1)
    assert [worker.claim("w").key for _ in range(4)] == list("abcd")
    former.offer("e", 1)
    assert leader.look().waiting == {"e"}
    assert worker.claim("w") is None
    assert worker.claim("w").key == "e"


@pytest.mark.usefixtures("short")
def test_what_ended_long_ago_is_not_read_again(shared, monkeypatch):
    queue, read = shared.queue("small", "c"), []
    for number in range(12):
        queue.offer(f"run{number}", 1)
        queue.complete(queue.claim("w"), 1.0)
    assert len(queue.look().ended) == 12
    trials = _Link.trials
    monkeypatch.setattr(_Link, "trials", lambda link, *states: read.append(link) or trials(link, *states))
    queue.look()
    assert len(set(read)) == 1
    assert queue.claim("w") is None
    assert len(set(read)) == 1


def _claim_all(home, name, claimed):
    queue = open_shared(home).queue("small", "c")
    mine = []
    while (claim := queue.claim(name)) is not None:
        mine.append(claim.key)
        queue.complete(claim, 1.0)
    claimed.put(mine)


def test_two_processes_claim_each_run_once(shared, home):
    keys = [f"run{index}" for index in range(30)]
    queue = shared.queue("small", "c")
    for key in keys:
        queue.offer(key, 1)
    assert sorted(found_by_two(_claim_all, home)) == sorted(keys)


def test_another_output_folder_sees_the_same_only_by_a_database(shared, tmp_path):
    elsewhere = Home.at(tmp_path / "elsewhere")
    elsewhere.prepare()
    shared.add(record("a", status="finished"))
    found = Records(elsewhere)
    assert (found.get("a.1") is not None) == shared.is_elsewhere
    assert (found.newest(["a"]) != {}) == shared.is_elsewhere
