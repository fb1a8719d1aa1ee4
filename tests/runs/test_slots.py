import os
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs import slots
from runs.gpus import Gpu
from runs.slots import Slot, find_slots, slots_of


@pytest.fixture
def machine(monkeypatch):
    """A machine with so many cores and GPUs."""

    def make(cores, gpus=0):
        monkeypatch.setattr(slots, "find_gpus", lambda: [Gpu(f"GPU-{number}", "", 0) for number in range(gpus)])
        monkeypatch.setattr(slots, "usable_cores", lambda: cores)

    return make


def test_without_gpus_one_slot_a_core(machine):
    machine(3)
    assert [slot.name for slot in find_slots()] == ["cpu0", "cpu1", "cpu2"]
    assert {(slot.device, slot.gpu, slot.threads) for slot in find_slots(per_gpu=4)} == {("cpu", None, 1)}
    assert len(find_slots(workers=5)) == 5


def test_gpus_are_shared_evenly(machine):
    machine(16, gpus=2)
    assert [slot.gpu for slot in find_slots(per_gpu=2)] == ["GPU-0", "GPU-1", "GPU-0", "GPU-1"]
    assert [slot.name for slot in find_slots(per_gpu=2)] == ["gpu0.0", "gpu1.0", "gpu0.1", "gpu1.1"]
    assert {(slot.device, slot.share, slot.threads) for slot in find_slots(per_gpu=2)} == {("cuda", 0.5, 4)}


def test_it_begins_with_one_worker_a_gpu_where_nobody_says_how_many(machine):
    machine(16, gpus=2)
    assert find_slots(per_gpu="auto") == find_slots()


def test_fewer_workers_have_larger_shares(machine):
    machine(16, gpus=2)
    assert {slot.name: slot.share for slot in find_slots(3, per_gpu=4)} == {"gpu0.0": 0.5, "gpu1.0": 1, "gpu0.1": 0.5}
    assert {slot.name: slot.share for slot in find_slots(1, per_gpu=4)} == {"gpu0.0": 1}


@pytest.mark.parametrize(("settings", "message"), [
    ({"workers": 0}, "workers must be at least 1, not 0"),
    ({"per_gpu": -1}, "per_gpu must be at least 1, not -1"),
    ({"per_gpu": "many"}, "per_gpu must be auto or a whole number of at least 1, not 'many'"),
])  # fmt: skip
def test_slots_that_cannot_be_are_refused_wherever_one_is(machine, settings, message):
    for gpus in (0, 2):
        machine(4, gpus)
        with pytest.raises(ValueError, match=message):
            find_slots(**settings)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), min_size=1), st.none() | st.integers(1, 60))
def test_every_gpu_is_given_away_once_and_as_evenly_as_may_be(levels, workers):
    found = slots_of(levels, workers)
    sharing = Counter(slot.gpu for slot in found)
    assert len(found) == min(sum(levels.values()), workers or sum(levels.values()))
    assert len({slot.name for slot in found}) == len(found)
    assert all(slot.per_gpu == sharing[slot.gpu] <= levels[slot.gpu] and slot.threads >= 1 for slot in found)
    assert all(more - sharing[gpu] <= 1 for more in sharing.values() for gpu in levels if sharing[gpu] < levels[gpu])


def test_with_another_share_it_is_another_slot_but_not_with_other_threads():
    assert Slot(0, "GPU-a", per_gpu=1) != Slot(0, "GPU-a", per_gpu=2)
    assert Slot(0, "GPU-a", threads=1) == Slot(0, "GPU-a", threads=8)


@pytest.mark.parametrize(("slot", "visible"), [(Slot(0), ""), (Slot(0, "GPU-a", threads=4), "GPU-a")])
def test_a_pinned_process_sees_its_slot_only(slot, visible, monkeypatch):
    threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    for name in ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "HIP_VISIBLE_DEVICES", *threads):
        monkeypatch.setenv(name, "7")
    slots.pin(slot)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == visible
    assert os.environ["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert "HIP_VISIBLE_DEVICES" not in os.environ
    assert {os.environ[name] for name in threads} == {str(slot.threads)}
