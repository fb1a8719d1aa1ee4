import multiprocessing

import pytest

from runs.queue import Queue


@pytest.fixture
def path(tmp_path):
    return tmp_path / "q.journal"


def test_claimed_in_the_order_of_the_offer(path):
    queue = Queue(path, "q")
    queue.offer(["b", "a", "c"])
    assert [queue.claim("w").key for _ in range(3)] == ["b", "a", "c"]
    assert queue.claim("w") is None


def test_offered_twice_waits_once(path):
    queue = Queue(path, "q")
    queue.offer(["a", "b"])
    queue.offer(["b", "c"])
    assert [queue.claim("w").key for _ in range(3)] == ["a", "b", "c"]
    assert queue.claim("w") is None


def test_released_comes_back_as_the_next_attempt(path):
    queue = Queue(path, "q")
    queue.offer(["a"], {"a": 2})
    claim = queue.claim("w")
    assert claim.attempt == 2
    assert queue.running() == [claim]
    queue.release(claim)
    assert queue.running() == []
    assert queue.claim("w")[1:] == ("a", 3)


def test_withdrawn_runs_wait_no_longer(path):
    queue = Queue(path, "q")
    queue.offer(["a", "b"])
    queue.withdraw()
    assert queue.claim("w") is None
    assert queue.running() == []


def _claim_all(path, name, results):
    queue = Queue(path, "q")
    claimed = []
    while (claim := queue.claim(name)) is not None:
        claimed.append(claim.key)
        queue.complete(claim, 1.0)
    results.put(claimed)


def test_two_processes_claim_each_run_once(path):
    keys = [f"run{index}" for index in range(30)]
    Queue(path, "q").offer(keys)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    processes = [context.Process(target=_claim_all, args=(path, name, results)) for name in "ab"]
    for process in processes:
        process.start()
    claimed = [key for _ in processes for key in results.get(timeout=60)]
    for process in processes:
        process.join()
    assert sorted(claimed) == sorted(keys)
