"""Workers on other machines: where they meet their command, what they send home."""

import socket

import pytest

from runs.engines import CannotWork
from runs.engines.afar import Told, check_meeting, packed, placed
from runs.events import Began, Claim, Ended
from runs.slots import Slot


def told(home, host=None, name="small"):
    return Told(host or socket.gethostname(), "/", {}, (home, name, "run", None, False))


@pytest.fixture
def weights(home):
    """Those of a run that has ended."""
    path = home.weights_of("some.1")
    path.write_bytes(b"weights")
    return path


def test_a_worker_meets_its_command_in_the_folder_of_one_machine(home):
    home.plan("small").write_text("{}")
    check_meeting(told(home))


def test_a_worker_that_shares_nothing_with_its_command_says_what_would_help(home, monkeypatch):
    with pytest.raises(CannotWork, match=r"does not share .*; set ABLATE_DATABASE"):
        check_meeting(told(home))
    home.plan("small").write_text("{}")
    with pytest.raises(CannotWork, match="with this command on another; set ABLATE_DATABASE"):
        check_meeting(told(home, "another"))  # a folder that both see, of which neither sees the other's locks
    monkeypatch.setenv("ABLATE_DATABASE", "postgresql://somewhere")
    check_meeting(told(home, "another"))


def test_weights_travel_where_the_command_cannot_read_them(home, weights):
    ended = Ended("cpu0", "some", "some.1")
    assert packed(ended, told(home)) == (ended, None)
    assert weights.exists()
    assert packed(ended, told(home, "another")) == (ended, b"weights")
    assert not weights.exists()


def test_nothing_travels_with_a_run_that_failed_or_goes_on(home):
    for event in (Ended("cpu0", "some", "some.1"), Began("cpu0", Claim(0, "some", 1))):
        assert packed(event, told(home, "another")) == (event, None)


def test_a_worker_finds_out_which_gpu_it_was_given(monkeypatch):
    from runs.gpus import Gpu

    asked = Slot(1, "given by Ray", 3, per_gpu=2)
    monkeypatch.setattr("runs.engines.afar.find_gpus", lambda: [Gpu("GPU-ab", "A", 1)])
    assert placed(asked) == Slot(1, "GPU-ab", 3, per_gpu=2)
    assert placed(Slot(0)) == Slot(0)
    monkeypatch.setattr("runs.engines.afar.find_gpus", list)
    with pytest.raises(CannotWork, match="torch there is built for none"):
        placed(asked)
