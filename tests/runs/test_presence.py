import pytest

from runs import presence
from runs.events import Claim
from runs.presence import Lease, Presence, Watch, new_name, shown
from runs.shared import open_shared


@pytest.fixture
def clock(monkeypatch):
    """A clock that only moves when it is told to."""
    now = [100.0]
    monkeypatch.setattr(presence, "monotonic", lambda: now[0])

    def wait(seconds):
        now[0] += seconds

    return wait


def looked(watch, clock, evidence, times, seconds=0.5):
    for _ in range(times):
        clock(seconds)
        found = watch.look(evidence)
    return found


def test_what_does_not_move_is_seen_to_stand_for_longer_and_longer(clock):
    watch = Watch()
    assert looked(watch, clock, {"a": 1}, 1) == {"a": 0.0}
    assert looked(watch, clock, {"a": 1}, 4) == {"a": 2.0}
    assert looked(watch, clock, {"a": 2}, 1) == {"a": 0.0}


def test_who_did_not_look_has_not_seen_that_nothing_moved(clock):
    """A frozen observer, or one whose database was away, wakes up after an hour."""
    watch = Watch()
    looked(watch, clock, {"a": 1}, 1)
    assert looked(watch, clock, {"a": 1}, 1, seconds=3600) == {"a": 1.0}


def test_what_is_gone_is_forgotten(clock):
    watch = Watch()
    looked(watch, clock, {"a": 1}, 5)
    looked(watch, clock, {}, 1)
    assert looked(watch, clock, {"a": 1}, 1) == {"a": 0.0}


def test_names_are_never_the_same_and_read_well():
    first, second = new_name("gpu0.1"), new_name("gpu0.1")
    assert first != second
    assert shown(first) == "gpu0.1"
    assert shown(first, host=True).startswith("gpu0.1@")


def test_a_lease_tells_what_its_holder_does_and_ends_with_it(home, monkeypatch):
    shared = open_shared(home)
    with Lease(shared, Presence("cpu0@here#1", "small", "cpu", "run@here#0", 1)) as lease:
        lease.take(Claim(3, "abc", 2))
        (seen,) = shared.present("small")
        assert seen.claim == Claim(3, "abc", 2)
        assert not seen.is_command
        lease.put_down()
        (seen,) = shared.present("small")
        assert (seen.claim, seen.done) == (None, 1)
    assert shared.present("small") == []
    assert shared.running() == []


def test_a_lease_beats_by_itself_even_where_a_beat_fails(home, monkeypatch):
    monkeypatch.setattr(presence, "LEASE", 0.06)
    shared = open_shared(home)
    tell, failed = shared.tell, []

    def failing(told):
        if len(failed) < 2 and told.beat:
            failed.append(told)
            raise OSError("No space left on device")
        tell(told)

    monkeypatch.setattr(shared, "tell", failing)
    with Lease(shared, Presence("cpu0@here#1", "small", "cpu", "run@here#0", 1)):
        while not any(one.beat > 3 for one in shared.present("small")):
            pass
    assert len(failed) == 2
