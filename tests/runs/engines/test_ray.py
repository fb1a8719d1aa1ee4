"""Runs carried out by workers that Ray has placed: on this machine, and on a cluster of which machines go and come."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runs import Home, run
from runs.engines import ENGINES, CannotWork
from runs.engines.inline import Inline
from runs.events import Began, Died, Ended, TakenBack
from runs.execute import execute
from runs.packing import Packing
from runs.presence import shown
from runs.records import Records
from runs.shared import open_shared
from runs.slots import Slot

ROOT = Path(__file__).parents[3]


class Cluster:
    """A cluster on this machine, of a head without cores and of nodes with one core each."""

    def __init__(self):
        utils = pytest.importorskip("ray.cluster_utils")
        self.ray = utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        self.nodes = []

    @property
    def address(self):
        return self.ray.address

    def add(self):
        self.nodes.append(self.ray.add_node(num_cpus=1, object_store_memory=80 * 2**20))

    def lose(self):
        """A node goes down without a word."""
        self.ray.remove_node(self.nodes.pop(0), allow_graceful=False)


@pytest.fixture
def cluster():
    made = Cluster()
    yield made
    made.ray.shutdown()


def gate():
    """What holds all runs up until it is there."""
    return Home.at().root / "go"


def train_behind_the_gate(*told):
    """A run that ends only after what a test wants to happen under it."""
    from modules.training import train

    while not gate().exists():
        time.sleep(0.05)
    return train(*told)


def carried_out(plan, home, places=None, happening=lambda event: None, **options):
    """The summary, and all that was heard."""
    heard = []

    def listen(event, record):
        heard.append(event)
        happening(event)

    made = ENGINES["ray"]
    summary = execute(
        plan, home, lambda me: made(home, plan.spec.name, places or Packing([]), me, **options), listener=listen
    )
    return summary, heard


def numbers(summary):
    return {
        key: {name: value for name, value in record["metrics"].items() if name != "seconds"}
        for key, record in summary.done.items()
    }


def workers(summary):
    return {record["worker"] for record in summary.done.values()}


def trained(home, plan):
    """How often each run was trained to its end."""
    records = Records(home)
    return [sum(one["status"] != "lost" for one in records.attempts(key)) for key in plan.by_fingerprint]


@pytest.mark.slow
def test_nodes_of_a_cluster_train_what_this_process_would_bit_for_bit(plan, home, tmp_path, cluster):
    cluster.add(), cluster.add()
    summary, heard = carried_out(plan, home, address=cluster.address)
    assert summary.complete
    assert summary.unshipped == 0
    assert len(workers(summary)) == 2
    assert sum(isinstance(event, Began) for event in heard) == sum(isinstance(event, Ended) for event in heard) == 8
    assert not [event for event in heard if isinstance(event, Died)]
    other = Home(tmp_path / "inline")
    other.prepare()
    alone = execute(plan, other, lambda me: Inline(other, "small", [Slot(0)], me), lambda event, record: None)
    assert numbers(summary) == numbers(alone)


@pytest.mark.slow
def test_a_node_that_goes_down_loses_nothing_and_has_nothing_done_twice(plan, home, cluster):
    begun = set()

    def happening(event):
        if isinstance(event, Began) and event.worker not in begun:
            begun.add(event.worker)
            if len(begun) == 2:
                cluster.lose()
        elif isinstance(event, Died):
            gate().touch()

    cluster.add(), cluster.add()
    summary, heard = carried_out(plan, home, happening=happening, train=train_behind_the_gate, address=cluster.address)
    assert summary.complete
    assert trained(home, plan) == [1] * 8
    (death,) = [event for event in heard if isinstance(event, Died)]
    assert death.worker in begun
    assert death.reason.startswith("its worker is gone (Actor")
    assert [event.reason for event in heard if isinstance(event, TakenBack)] == [death.reason]
    assert len(workers(summary)) == 1


@pytest.mark.slow
def test_a_node_that_joins_later_gets_its_share(plan, home, cluster):
    begun = set()

    def happening(event):
        if isinstance(event, Began) and event.worker not in begun:
            begun.add(event.worker)
            cluster.add() if len(begun) == 1 else gate().touch()

    cluster.add()
    summary, _ = carried_out(plan, home, happening=happening, train=train_behind_the_gate, address=cluster.address)
    assert summary.complete
    assert {shown(worker) for worker in workers(summary)} == {"cpu0", "cpu1"}
    assert trained(home, plan) == [1] * 8


def children():
    """The processes that this one has started, by name."""
    listed = subprocess.run(["ps", "-o", "comm=", "--ppid", str(os.getpid())], capture_output=True, text=True)
    return {line for line in listed.stdout.splitlines() if not line.startswith("ps")}


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_nothing_of_ray_is_left_behind(plan, home):
    ray = pytest.importorskip("ray")
    begun = set()

    def happening(event):
        if isinstance(event, Began) and event.worker not in begun:
            begun.add(event.worker)
            if len(begun) == 1:
                os.kill(pid_of(event.worker, home), signal.SIGKILL)
            elif len(begun) == 3:
                gate().touch()

    before, handler = children(), signal.getsignal(signal.SIGTERM)
    summary, heard = carried_out(plan, home, Packing([], workers=2), happening, train=train_behind_the_gate)
    assert summary.complete
    assert trained(home, plan) == [1] * 8
    (death,) = [event for event in heard if isinstance(event, Died)]
    assert death.reason == (
        "its worker is gone (ActorDiedError: The actor is dead because its worker process has died)"
    )
    assert [event.reason for event in heard if isinstance(event, TakenBack)] == [death.reason]
    assert workers(summary) == begun - {death.worker}
    assert not ray.is_initialized()
    assert children() <= before
    assert signal.getsignal(signal.SIGTERM) is handler


def pid_of(worker, home):
    return next(one.pid for one in open_shared(home).present("small") if one.worker == worker)


def test_without_ray_the_cure_is_said(plan, home, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "runs.engines.ray", raising=False)
    with pytest.raises(CannotWork, match=r"pip install 'ablations\[ray\]'"):
        run(plan, home, engine="ray")


def test_an_address_is_for_ray_alone(plan, home):
    with pytest.raises(CannotWork, match="which engine local does not use: ask for engine ray"):
        run(plan, home, address="auto")


def test_addresses_where_no_cluster_can_be_are_refused_at_once():
    connected = pytest.importorskip("runs.engines.ray").connected
    for address, cure in (("127.0.0.1:1", "`ray start --head` starts one"), ("ray://there:10001", "a machine of the")):
        with pytest.raises(CannotWork, match=cure), connected(address):
            raise AssertionError(address)


def test_how_many_share_a_gpu_must_be_said():
    made = pytest.importorskip("runs.engines.ray").Ray
    with pytest.raises(CannotWork, match="give per_gpu a number"):
        made(None, "small", Packing([], per_gpu="auto"))


def test_shares_of_a_gpu_never_add_up_to_more_than_it():
    part = pytest.importorskip("runs.engines.ray")._part
    for sharing in range(1, 17):
        assert 0.9 < sharing * round(part(sharing) * 10_000) / 10_000 <= 1


def test_only_the_command_line_that_asks_for_ray_loads_it():
    code = "import ablations_cli, runs.execute, runs.engines.local, runs.engines.afar, sys; print('ray' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
