"""Workers that join: what another command leads is worked off here, and only by the same code."""

import threading
import time
from contextlib import contextmanager

import pytest
from mlflow.tracking import MlflowClient

from runs import joining
from runs.campaign import Campaign, taking_part
from runs.crew import Crew, NoWorkers
from runs.engines.inline import Inline
from runs.events import Began, Broken, Claim, Died, Ended, Quiet
from runs.execute import execute
from runs.home import Unwritable
from runs.joining import OtherCode, join
from runs.presence import Presence, new_name
from runs.records import Records
from runs.shared import open_shared


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(joining, "LOOK", 0.05)
    monkeypatch.setattr(joining, "UNLED", 0.3)


@pytest.fixture
def here(monkeypatch):
    """Runs are carried out in this process: others would take seconds to start."""
    monkeypatch.setattr(joining, "Local", Inline)


class Nobody:
    """The engine of a command that only leads."""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def events(self):
        while True:
            time.sleep(0.05)
            yield Quiet()


@contextmanager
def led(plan, home):
    """A command that leads and leaves the work to others, in a thread."""
    ended = []
    thread = threading.Thread(
        target=lambda: ended.append(execute(plan, home, lambda member: Nobody(), lambda event, record: None)),
        daemon=True,
    )
    thread.start()
    while (written := open_shared(home).read_plan("small")) is None or written["over"]:
        time.sleep(0.01)
    yield ended
    thread.join()


def test_all_runs_of_a_command_without_workers_are_done_by_those_who_join(plan, home, here):
    said = []
    with led(plan, home) as summaries:
        assert join(home, said.append, patience=0.5) == len(plan.runs)
    (summary,) = summaries
    assert summary.complete
    records = Records(home).newest(plan.by_fingerprint)
    assert {record["member"].partition("@")[0] for record in records.values()} == {"worker"}
    assert said[0].startswith("small: joined with ")
    assert len([line for line in said if "finished, test" in line]) == len(plan.runs)
    assert said[-1] == f"small: it has ended; {len(plan.runs)} runs ended here"


def test_what_joined_workers_left_is_in_mlflow_once_under_one_parent_that_the_leader_ends(plan, home, here):
    with led(plan, home):
        join(home, print, patience=0.5)
    client = MlflowClient(tracking_uri=home.tracking_uri)
    found = client.search_runs([client.get_experiment_by_name("small").experiment_id])
    children = [run for run in found if run.data.tags["role"] == "run"]
    assert sorted(run.data.tags["fingerprint"] for run in children) == sorted(plan.by_fingerprint)
    (parent,) = [run for run in found if run.data.tags["role"] == "ablation"]
    assert parent.info.status == "FINISHED"
    assert {run.info.status for run in children} == {"FINISHED"}


def test_where_nothing_runs_there_is_nothing_to_do(plan, home):
    said = []
    assert join(home, said.append, patience=0.1) == 0
    with taking_part(plan, home) as part:
        part.write(plan)
        assert join(home, said.append, "other", patience=0.1) == 0
        part.write(plan, over=True)
        assert join(home, said.append, patience=0.1) == 0
    assert said == []


def test_other_code_is_refused_with_both_commits_and_the_cure(plan, home, here, monkeypatch):
    with taking_part(plan, home) as part:
        part.campaign = part.campaign._replace(version="other", commit="abc123")
        part.write(plan)
        monkeypatch.setattr(joining, "commit", lambda: "def456+")
        with pytest.raises(OtherCode, match=r"small: .*commit abc123, here is commit def456\+.*--other-code") as error:
            join(home, print, patience=0.1)
        assert "\n" not in str(error.value)


def test_runs_of_other_code_are_marked_where_it_is_allowed(plan, home, here, monkeypatch):
    of = Campaign.of
    monkeypatch.setattr(Campaign, "of", lambda spec: of(spec)._replace(version="other"))
    with led(plan, home):
        assert join(home, print, patience=0.5, other_code=True) == len(plan.runs)
    assert all(record["other_code"] for record in Records(home).newest(plan.by_fingerprint).values())


def test_a_campaign_whose_command_is_gone_is_left(plan, home, here, monkeypatch):
    said = []
    with taking_part(plan, home) as part:
        part.write(plan)
        thread = threading.Thread(target=lambda: join(home, said.append, patience=0.5))
        thread.start()
        while not said:
            time.sleep(0.01)
        part.leave()
        thread.join()
    assert said[-1] == "small: the command that led it is gone; 0 runs ended here"


def test_a_campaign_that_was_cut_off_is_not_joined_when_the_next_one_begins(plan, home):
    with taking_part(plan, home) as part:
        part.write(plan)
    with taking_part(plan, home) as part:
        assert part.shared.read_plan("small")["over"]


class Heard:
    """A shipper that only takes note."""

    def __init__(self):
        self.heard = []

    def began(self, claim):
        self.heard.append(("began", claim.key))

    def point(self, key, epoch, measures):
        self.heard.append(("point", key))

    def ship(self, record):
        self.heard.append(("ship", record["id"]))


@pytest.fixture
def crew(part, home):
    return Crew(part, Records(home), Heard())


def test_a_crew_ships_what_ends_and_a_run_taken_back_counts_as_lost(crew, part, plan, home):
    queue, run = part.shared.queue("small", part.campaign.id), plan.runs[0]
    queue.offer(run.fingerprint, 1)
    claim = queue.claim("cpu0")
    assert crew.hear(Began("cpu0", claim)) is None
    assert crew.take_back(queue, run, claim, "its worker was killed") is None
    assert crew.hear(Ended("cpu0", claim.key, claim.id))["status"] == "lost"
    assert crew._shipper.heard == [("began", claim.key), ("ship", claim.id)]
    assert queue.look().running == []


def test_a_crew_that_cannot_write_or_does_not_start_says_why(crew):
    with pytest.raises(Unwritable, match=r"No space left on device; .*make room"):
        crew.hear(Broken("cpu0", "No space left on device"))
    crew.hear(Began("proven", Claim(0, "a", 1)))
    for _ in range(5):
        crew.bury(Died("proven", "was killed"))
    for _ in range(3):
        crew.bury(Died("new", "was killed"))
    with pytest.raises(NoWorkers, match="workers do not start: was killed"):
        crew.bury(Died("new", "was killed"))


def test_nobody_waits_for_the_workers_of_a_command_that_left(crew, part):
    mine, theirs = (Presence(new_name("cpu0"), "small", "cpu", member, 1) for member in (part.me.worker, "other"))
    part.shared.enter(mine), part.shared.enter(theirs)
    crew.leave()
    assert set(part.shared.present("small")) >= {theirs}
    assert mine.worker not in {one.worker for one in part.shared.present("small")}
