import pytest

from modules.data import memory
from modules.data.memory import available, fits


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of 8 cores with so many GB to spare, in a container with a limit or without."""

    def make(spare, limit="max", used=0, cached=0):
        (tmp_path / "meminfo").write_text(f"MemTotal: 99999999999 kB\nMemAvailable: {spare * 2**20} kB\n")
        (tmp_path / "memory.max").write_text(f"{limit}\n")
        (tmp_path / "memory.current").write_text(f"{used}\n")
        (tmp_path / "memory.stat").write_text(f"anon 3\ninactive_file {cached}\n")

    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    monkeypatch.setattr(memory, "usable_cores", lambda: 8)
    return make


def test_four_copies_for_each_core_take_at_most_half(machine):
    machine(64)
    assert fits(2**30)
    assert not fits(2**30 + 1)


def test_a_container_has_less_than_its_machine(machine):
    machine(64, limit=8 * 2**30, used=3 * 2**30, cached=2**30)
    assert available() == 6 * 2**30
    machine(4, limit=8 * 2**30)
    assert available() == 4 * 2**30


def test_without_a_container_it_is_the_machine(machine, tmp_path):
    machine(64)
    for name in ("memory.max", "memory.current", "memory.stat"):
        (tmp_path / name).unlink()
    assert available() == 64 * 2**30


def test_a_gpu_holds_an_eighth_and_is_shared_by_fewer(machine):
    machine(64)
    assert fits(4 * 2**30, gpu_memory=32 * 2**30)
    assert not fits(4 * 2**30 + 1, gpu_memory=32 * 2**30)
    assert not fits(4 * 2**30 + 1, gpu_memory=80 * 2**30)


def test_this_machine_can_be_asked():
    assert available() > 2**20
    assert fits(1)
