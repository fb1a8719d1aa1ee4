import sys
import threading
from types import SimpleNamespace

import pynvml
import pytest
import torch

from runs import gpus
from runs.gpus import Gpu, GpuMeter, Usage, find_gpus, usage

GB = 2**30
UNSUPPORTED = pynvml.NVMLError_NotSupported()


def card(uuid, memory=80 * GB, busy=37, mode=0, instances=UNSUPPORTED):
    """A GPU, or an instance of one. What is an error cannot be asked for."""
    return SimpleNamespace(uuid=uuid, memory=memory, busy=busy, mode=mode, instances=instances)


def said(answer):
    """As pynvml does it: an error is raised, anything else returned."""
    if isinstance(answer, pynvml.NVMLError):
        raise answer
    return answer


class Nvml:
    """Stands in for pynvml, with these cards; one that is an error is counted, but cannot be opened."""

    NVMLError = pynvml.NVMLError
    NVML_DEVICE_MIG_ENABLE = pynvml.NVML_DEVICE_MIG_ENABLE
    NVML_COMPUTEMODE_EXCLUSIVE_PROCESS = pynvml.NVML_COMPUTEMODE_EXCLUSIVE_PROCESS

    def __init__(self, *cards, driver=None):
        absent = pynvml.NVMLError_NotFound()
        opened = [one for one in cards if not isinstance(one, pynvml.NVMLError)]
        instances = [part for one in opened if isinstance(one.instances, list) for part in one.instances]
        by_uuid = {one.uuid: one for one in (*opened, *instances) if not isinstance(one, pynvml.NVMLError)}
        self.nvmlInit = lambda: said(driver)
        self.nvmlDeviceGetCount = lambda: len(cards)
        self.nvmlDeviceGetHandleByIndex = lambda index: said(cards[index])
        self.nvmlDeviceGetHandleByUUID = lambda uuid: said(by_uuid.get(uuid, absent))
        self.nvmlDeviceGetUUID = lambda one: one.uuid
        self.nvmlDeviceGetName = lambda one: f"Card {one.uuid}"
        self.nvmlDeviceGetMemoryInfo = lambda one: SimpleNamespace(total=said(one.memory), used=GB, free=0)
        self.nvmlDeviceGetUtilizationRates = lambda one: SimpleNamespace(gpu=said(one.busy), memory=1)
        self.nvmlDeviceGetComputeMode = lambda one: said(one.mode)
        self.nvmlDeviceGetMigMode = lambda one: [int(bool(said(one.instances))), 0]
        self.nvmlDeviceGetMaxMigDeviceCount = lambda one: len(one.instances)
        self.nvmlDeviceGetMigDeviceHandleByIndex = lambda one, index: said(one.instances[index])


INSTANCE = card("MIG-1", 10 * GB, busy=UNSUPPORTED, mode=UNSUPPORTED)
FREE = pynvml.NVMLError_NotFound()
"""A place that no instance takes."""
SPLIT = card("GPU-b", busy=UNSUPPORTED, instances=[INSTANCE, FREE])


@pytest.fixture
def machine(monkeypatch):
    """A machine with these cards, and torch built for CUDA."""

    def make(*cards, driver=None, built=None):
        monkeypatch.setitem(sys.modules, "pynvml", Nvml(*cards, driver=driver))
        monkeypatch.setattr(gpus, "_built_for", lambda: built or {"cuda": "13.0", "hip": None})
        gpus._nvml.cache_clear()

    for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    yield make
    gpus._nvml.cache_clear()


def test_the_stand_in_has_nothing_that_pynvml_has_not():
    assert all(hasattr(pynvml, name) for name in (*vars(Nvml()), *vars(Nvml)) if not name.startswith("_"))


def test_gpus_are_named_by_uuid(machine):
    machine(card("GPU-a"), card("GPU-b", 24 * GB))
    assert find_gpus() == [Gpu("GPU-a", "Card GPU-a", 80 * GB), Gpu("GPU-b", "Card GPU-b", 24 * GB)]


def test_instances_take_the_place_of_a_card_that_is_split_up(machine):
    machine(card("GPU-a"), SPLIT, card("GPU-c", instances=[]), card("GPU-d", instances=[FREE]))
    assert [(gpu.id, gpu.memory) for gpu in find_gpus()] == [("GPU-a", 80 * GB), ("MIG-1", 10 * GB), ("GPU-c", 80 * GB)]


def test_the_mask_is_respected(machine, monkeypatch):
    machine(card("GPU-a"), SPLIT, card("GPU-c"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,1")
    assert [gpu.id for gpu in find_gpus()] == ["GPU-c", "MIG-1"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert find_gpus() == []


@pytest.mark.parametrize("error", [pynvml.NVMLError_NoPermission(), pynvml.NVMLError_GpuIsLost()])
def test_a_card_that_cannot_be_opened_is_left_out_and_not_counted(machine, monkeypatch, error):
    machine(card("GPU-a"), error, card("GPU-c"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert [gpu.id for gpu in find_gpus()] == ["GPU-c"]


def test_what_a_card_cannot_say_is_unknown(machine):
    machine(card("GPU-a", memory=UNSUPPORTED, busy=UNSUPPORTED, mode=UNSUPPORTED))
    assert find_gpus() == [Gpu("GPU-a", "Card GPU-a", 0)]
    assert usage("GPU-a") == Usage(0, None)


def test_a_card_for_one_process_at_a_time_says_so(machine):
    machine(card("GPU-a", mode=pynvml.NVML_COMPUTEMODE_EXCLUSIVE_PROCESS), card("GPU-b"))
    assert [gpu.exclusive for gpu in find_gpus()] == [True, False]


@pytest.mark.parametrize("error", [pynvml.NVMLError_LibraryNotFound(), pynvml.NVMLError_DriverNotLoaded()])
def test_without_a_driver_there_is_no_gpu(machine, monkeypatch, error):
    machine(card("GPU-a"), driver=error)
    monkeypatch.setattr(gpus, "DRIVERS", ())
    assert find_gpus() == []
    assert usage("GPU-a") is None


def test_a_torch_for_processors_uses_no_gpu(machine):
    machine(card("GPU-a"), built={"cuda": None, "hip": None})
    assert find_gpus() == []


def test_what_torch_is_built_for_is_known_without_loading_it():
    built = gpus._built_for()
    assert (built["cuda"], built["hip"]) == (torch.version.cuda, torch.version.hip)


@pytest.mark.parametrize(
    ("masks", "expected"),
    [
        ({}, ["0", "1"]),
        ({"CUDA_VISIBLE_DEVICES": "3, 1,2"}, ["3", "1"]),
        ({"HIP_VISIBLE_DEVICES": "5,6", "CUDA_VISIBLE_DEVICES": "0,1"}, ["5", "6"]),
    ],
)
def test_without_nvml_torch_counts(machine, monkeypatch, tmp_path, masks, expected):
    for built, driver in (({"hip": "7.0"}, None), ({"cuda": "13.0"}, pynvml.NVMLError_LibraryNotFound())):
        machine(driver=driver, built=built)
        monkeypatch.setattr(gpus, "DRIVERS", (str(tmp_path),))
        monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
        for name, mask in masks.items():
            monkeypatch.setenv(name, mask)
        assert [gpu.id for gpu in find_gpus()] == expected


def test_usage_is_of_the_card_and_of_the_instance(machine):
    machine(card("GPU-a", busy=37), SPLIT)
    assert usage("GPU-a") == Usage(GB, 37)
    assert usage("MIG-1") == Usage(GB, None)
    assert usage("GPU-gone") is None


def test_a_meter_tells_how_busy_a_gpu_was_once_it_was_warm(monkeypatch):
    looks, done = iter([0, 10, 80, 90]), threading.Event()

    def look(gpu):
        assert gpu == "GPU-a"
        found = next(looks, None)
        return done.set() if found is None else Usage(GB, found)

    monkeypatch.setattr(gpus, "usage", look)
    monkeypatch.setattr(gpus, "EVERY", 0.001)
    with GpuMeter("GPU-a") as meter:
        assert done.wait(60)
    assert meter.utilisation == 85


def test_a_meter_of_what_cannot_be_measured_knows_nothing(monkeypatch):
    monkeypatch.setattr(gpus, "EVERY", 0.001)
    monkeypatch.setattr(gpus, "usage", lambda gpu: Usage(GB, None))
    for gpu in (None, "MIG-1"):
        with GpuMeter(gpu) as meter:
            meter._thread.join(60)
        assert meter.utilisation is None
