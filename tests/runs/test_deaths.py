"""Workers that die: their runs go back to the queue, but not for ever."""

import contextlib

import pytest

from runs.campaign import campaign_of
from runs.crew import NoWorkers
from runs.engines.inline import Inline
from runs.events import Began, Died
from runs.execute import execute
from runs.files import read_json
from runs.records import Records
from runs.shared import open_shared
from runs.slots import Slot


def queue_of(home):
    """The queue of the campaign that goes on."""
    return open_shared(home).queue("small", campaign_of(read_json(home.plan("small"))).id)


class Dying(contextlib.nullcontext):
    """An engine whose workers die under every run they take, or before."""

    def __init__(self, home, takes_a_run=True):
        super().__init__(self)
        self.home, self.takes_a_run, self.deaths = home, takes_a_run, 0

    def events(self):
        queue = queue_of(self.home)
        while True:
            if self.takes_a_run:
                yield Began("cpu0", queue.claim("cpu0"))
            self.deaths += 1
            yield Died("cpu0", "its worker was killed (SIGKILL)")


class Unheard(Inline):
    """An engine of which a worker claims a run, and is killed before it can tell."""

    def events(self):
        queue_of(self.home).claim("cpu1")
        yield Died("cpu1", "its worker was killed (SIGKILL)")
        yield from super().events()


def test_a_run_that_was_claimed_by_a_worker_nobody_heard_of_is_not_lost(plan, home):
    summary = execute(plan, home, lambda member: Unheard(home, "small", [Slot(0)]), lambda event, record: None)
    assert summary.complete
    attempts = [record["attempt"] for record in Records(home).newest(plan.by_fingerprint).values()]
    assert sorted(attempts) == [1] * (len(plan.runs) - 1) + [2]


def test_a_run_under_which_three_workers_died_has_failed(plan, home):
    engine = Dying(home)
    summary = execute(plan, home, lambda member: engine, lambda event, record: None)
    assert engine.deaths == 3 * len(plan.runs)
    assert summary.failed.keys() == plan.by_fingerprint.keys()
    for record in Records(home).newest(plan.by_fingerprint).values():
        assert (record["status"], record["attempt"]) == ("failed", 3)
        assert record["reason"] == "its worker was killed (SIGKILL), 3 times under this run"
        assert [one["status"] for one in Records(home).attempts(record["fingerprint"])] == ["lost", "lost", "failed"]


def test_doing_it_again_begins_with_three_fresh_attempts(plan, home):
    for _ in range(2):
        engine = Dying(home)
        execute(plan, home, lambda member, engine=engine: engine, lambda event, record: None)
        assert engine.deaths == 3 * len(plan.runs)
    assert {record["attempt"] for record in Records(home).newest(plan.by_fingerprint).values()} == {6}


def test_workers_that_never_start_are_an_error_and_not_a_loop(plan, home):
    with pytest.raises(NoWorkers, match=r"workers do not start: its worker was killed"):
        execute(plan, home, lambda member: Dying(home, takes_a_run=False), lambda event, record: None)
