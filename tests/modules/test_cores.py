import os

import pytest

from modules import cores
from modules.cores import usable_cores


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of 8 cores, whose control groups have these files."""

    def make(files, own="0::/\n"):
        (tmp_path / "own").write_text(own)
        for name, text in files.items():
            path = tmp_path / "groups" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    monkeypatch.setattr(cores, "GROUPS", tmp_path / "groups")
    monkeypatch.setattr(cores, "OWN", tmp_path / "own")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    return make


@pytest.mark.parametrize(
    ("quota", "expected"),
    [("max 100000", 8), ("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("6400000 100000", 8)],
)
def test_the_quota_of_a_container_counts_and_a_part_of_a_core_is_one(machine, quota, expected):
    machine({"cpu.max": f"{quota}\n"})
    assert usable_cores() == expected


def test_without_control_groups_it_is_the_mask(machine):
    assert usable_cores() == 8


def test_the_least_quota_of_all_groups_above_counts(machine):
    quotas = {"jobs/mine/cpu.max": "500000 100000\n", "jobs/cpu.max": "300000 100000\n", "cpu.max": "max 100000\n"}
    machine(quotas, own="1:name=x:/\n0::/jobs/mine\n")
    assert usable_cores() == 3


@pytest.mark.parametrize(("quota", "expected"), [(-1, 8), (400000, 4)])
def test_groups_of_the_first_version_count_too(machine, quota, expected):
    machine({"cpu/cpu.cfs_quota_us": f"{quota}\n", "cpu/cpu.cfs_period_us": "100000\n"}, own="4:cpu,cpuacct:/\n")
    assert usable_cores() == expected


def test_this_machine_can_be_asked():
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
