import pytest

from runs import slots
from runs.slots import Slot, find_slots


def test_without_gpus_one_slot_a_core(monkeypatch):
    monkeypatch.setattr(slots, "visible_gpus", lambda: [])
    monkeypatch.setattr(slots, "usable_cores", lambda: 3)
    assert [slot.device for slot in find_slots()] == ["cpu"] * 3
    assert len(find_slots(workers=5)) == 5


def test_gpus_are_shared_evenly(monkeypatch):
    monkeypatch.setattr(slots, "visible_gpus", lambda: ["0", "1"])
    assert [slot.gpu for slot in find_slots(per_gpu=2)] == ["0", "1", "0", "1"]
    assert [slot.gpu for slot in find_slots(workers=1)] == ["0"]
    assert len({slot.name for slot in find_slots(per_gpu=2)}) == 4


def test_names_of_gpus_are_those_the_user_made_visible(monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,GPU-abc")
    assert slots.visible_gpus() == ["3", "GPU-abc"]
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert slots.visible_gpus() == ["0", "1"]


@pytest.mark.parametrize(("slot", "visible"), [(Slot(0), ""), (Slot(0, "1"), "1")])
def test_a_pinned_process_sees_its_slot_only(slot, visible, monkeypatch):
    for name in ("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "7")
    slots.pin(slot)
    import os

    assert os.environ["CUDA_VISIBLE_DEVICES"] == visible
    assert os.environ["OMP_NUM_THREADS"] == "1"
