"""The server that workers are forked from: there while it is needed, and gone at once when it is not."""

import os
import signal
import time
from multiprocessing import forkserver

import pytest

from runs.engines.local import ready_server
from runs.running import ready_workers
from runs.shared import open_shared


def server():
    return forkserver._forkserver._forkserver_pid


def is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_server_serves_all_who_need_one_at_a_time_and_stops_in_the_middle_of_its_imports():
    with ready_server(ahead=True):
        first = server()
        with ready_server(ahead=True):
            assert server() == first
        assert is_there(first)
    assert server() is None
    assert not is_there(first)


def test_an_interruption_of_the_terminal_does_not_reach_a_server_that_imports():
    with ready_server(ahead=True):
        time.sleep(0.3)
        os.kill(server(), signal.SIGINT)
        time.sleep(0.3)
        assert os.waitpid(server(), os.WNOHANG) == (0, 0)
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.parametrize(
    ("settings", "gpus"),
    [({"workers": 0}, []), ({"engine": "inline"}, []), ({"engine": "ray"}, []), ({}, ["a GPU"])],
)
def test_where_nobody_is_forked_no_server_starts(home, monkeypatch, settings, gpus):
    monkeypatch.setattr("runs.gpus.find_gpus", lambda: gpus)
    with ready_workers(["new"], home, **settings):
        assert server() is None


def test_imports_begin_ahead_where_an_ablation_has_not_been_begun(home):
    open_shared(home).write_plan("begun", {})
    with ready_workers(["begun"], home):
        assert server() is None
    with ready_workers(["begun", "new"], home, workers=2):
        assert server() is not None
