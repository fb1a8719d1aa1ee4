from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs import packing, slots
from runs.gpus import Gpu
from runs.packing import CONTEXT, MOST, SLACK, Packing, changes, fits, halved, tensor_share
from runs.slots import Slot

GB = 2**30
memories = st.integers(0, 200 * GB)
peaks = st.floats(0, 100 * GB)
percents = st.floats(0, 100)
cores = st.integers(0, 256)
needs = st.tuples(memories, peaks, percents, cores)


@pytest.fixture(autouse=True)
def many_cores(monkeypatch):
    for module in (packing, slots):
        monkeypatch.setattr(module, "usable_cores", lambda: 64)


def machine(gpus=1, **options):
    return Packing([Gpu(f"GPU-{number}", "", 80 * GB) for number in range(gpus)], **options)


@pytest.mark.parametrize(
    ("memory", "peak", "utilisation", "cores", "expected"),
    [
        (80 * GB, GB, 70, 64, 1),
        (80 * GB, GB, 50, 64, 2),
        (80 * GB, GB, 30, 64, 3),
        (80 * GB, GB, 1, 64, MOST),
        (80 * GB, GB, 0, 64, MOST),
        (80 * GB, GB, 10, 4, 4),
        (80 * GB, 30 * GB, 10, 64, 1),
        (80 * GB, 10 * GB, 10, 64, 5),
        (8 * GB, GB, 10, 64, 3),
        (0, GB, 10, 64, 1),
    ],
)
def test_as_many_share_a_gpu_as_memory_time_and_cores_allow(memory, peak, utilisation, cores, expected):
    assert fits(memory, peak, utilisation, cores) == expected


@given(needs)
def test_those_who_share_a_gpu_have_what_they_need(need):
    memory, peak, utilisation, cores = need
    sharing = fits(*need)
    assert 1 <= sharing <= MOST
    if sharing > 1:
        assert sharing <= cores
        assert sharing * utilisation <= 100
        assert tensor_share(memory, sharing) * memory >= SLACK * peak * (1 - 1e-9)


@given(needs, needs)
def test_who_has_more_and_needs_less_is_never_fewer(one, other):
    least = min(one[0], other[0]), max(one[1], other[1]), max(one[2], other[2]) or 100, min(one[3], other[3])
    for need in (one, other):
        assert fits(*least) <= fits(*need)


@given(st.integers(GB, 200 * GB), st.integers(1, MOST))
def test_all_shares_and_contexts_together_are_within_the_memory(memory, per_gpu):
    share = tensor_share(memory, per_gpu)
    assert 0 < share <= 1
    if share > 0.01 and per_gpu > 1:
        assert per_gpu * (share * memory + CONTEXT) <= memory
    assert tensor_share(memory, 1) == 1


@given(st.integers(1, 1000))
def test_halving_ends_at_one(per_gpu):
    assert halved(per_gpu) == max(1, per_gpu // 2)


def test_workers_are_added_once_a_run_has_shown_that_there_is_room():
    packing = machine(gpus=2, per_gpu="auto")
    assert [slot.name for slot in packing.slots()] == ["gpu0.0", "gpu1.0"]
    packing.learn(packing.slots()[0], 2 * GB, 30)
    assert [slot.name for slot in packing.slots()] == ["gpu0.0", "gpu1.0", "gpu0.1", "gpu1.1", "gpu0.2", "gpu1.2"]
    assert {slot.per_gpu for slot in packing.slots()} == {3}


def test_how_busy_a_run_keeps_a_gpu_is_its_part_of_what_all_do():
    packing = machine(per_gpu="auto")
    packing.learn(Slot(0, "GPU-0", per_gpu=4), GB, 80)
    assert len(packing.slots()) == 5


def test_the_neediest_run_decides_and_nobody_has_to_leave_because_of_a_needier_one():
    packing = machine(per_gpu="auto")
    for peak, sharing in ((30 * GB, 1), (GB, 1)):
        packing.learn(packing.slots()[0], peak, 10)
        assert len(packing.slots()) == sharing
    packing = machine(per_gpu="auto")
    for peak, sharing in ((10 * GB, 5), (30 * GB, 5)):
        packing.learn(packing.slots()[0], peak, 10)
        assert len(packing.slots()) == sharing


def test_gpus_share_the_cores():
    packing = machine(gpus=16, per_gpu="auto")
    packing.learn(packing.slots()[0], GB, 1)
    assert len(packing.slots()) == 64


def test_where_nothing_is_known_of_time_memory_decides():
    packing = machine(per_gpu="auto")
    packing.learn(packing.slots()[0], 10 * GB, None)
    assert len(packing.slots()) == 5


def test_a_number_that_somebody_gave_is_kept_until_memory_runs_out():
    packing = machine(per_gpu=4)
    packing.learn(packing.slots()[0], GB, 1)
    assert len(packing.slots()) == 4
    assert packing.back_off(packing.slots()[0])
    assert [(slot.name, slot.share) for slot in packing.slots()] == [("gpu0.0", 0.5), ("gpu0.1", 0.5)]


def test_slots_that_run_out_of_memory_together_count_once_and_on_their_gpu_alone():
    packing = machine(gpus=2, per_gpu=8)
    for slot in [slot for slot in packing.slots() if slot.gpu == "GPU-0"]:
        assert packing.back_off(slot)
    assert packing.levels == {"GPU-0": 4, "GPU-1": 8}


def test_alone_on_a_gpu_nothing_is_left_to_give():
    for alone in (machine(per_gpu="auto"), machine(per_gpu=4, workers=1)):
        assert not alone.back_off(alone.slots()[0])


def test_a_gpu_for_one_process_at_a_time_is_not_shared():
    packing = Packing([Gpu("GPU-0", "", 80 * GB, exclusive=True)], per_gpu="auto")
    packing.learn(packing.slots()[0], GB, 1)
    assert len(packing.slots()) == 1


def test_cores_are_as_many_as_they_are():
    packing = Packing([], per_gpu="auto", workers=3)
    before = packing.slots()
    packing.learn(before[0], 0, None)
    assert packing.slots() == before == [Slot(0), Slot(1), Slot(2)]
    assert not packing.back_off(before[0])


@given(st.data())
def test_what_failed_is_never_tried_again_whatever_is_learned(data):
    packing = machine(gpus=2, per_gpu=data.draw(st.just("auto") | st.integers(1, 20)), workers=data.draw(st.none() | st.integers(1, 40)))  # fmt: skip
    failed: dict[str | None, int] = defaultdict(lambda: 1000)
    for _ in range(data.draw(st.integers(0, 12))):
        slot, before = data.draw(st.sampled_from(packing.slots())), dict(packing.levels)
        if data.draw(st.booleans()):
            packing.learn(slot, data.draw(peaks), data.draw(st.none() | percents))
            assert all(packing.levels[gpu] >= level for gpu, level in before.items())
        elif packing.back_off(slot):
            failed[slot.gpu] = min(failed[slot.gpu], slot.per_gpu)
        assert all(1 <= slot.per_gpu < failed[slot.gpu] for slot in packing.slots())


@given(st.data())
def test_workers_change_over_without_ever_sharing_a_gpu_with_more_than_they_were_promised(data):
    levels = st.dictionaries(st.sampled_from("abc"), st.integers(1, 6), min_size=3)
    current, wanted = (slots.slots_of(data.draw(levels)) for _ in range(2))
    for _ in range(20):
        leaving, beginning = changes(current, wanted)
        gone = data.draw(st.lists(st.sampled_from(leaving), unique=True)) if leaving else []
        current = [slot for slot in current if slot not in gone] + beginning
        assert all(sum(slot.share for slot in current if slot.gpu == gpu) < 1.001 for gpu in "abc")
    current = [slot for slot in current if slot in wanted]
    assert sorted([*current, *changes(current, wanted)[1]], key=str) == sorted(wanted, key=str)
