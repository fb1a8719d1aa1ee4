from itertools import takewhile

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from runs.visible import visible

CARDS = {"GPU-aa1": ["GPU-aa1"], "GPU-aa2": ["GPU-aa2"], "GPU-bcd": ["GPU-bcd"]}
SPLIT = {"GPU-a": ["GPU-a"], "GPU-b": ["MIG-ca", "MIG-cb"], "GPU-c": []}
ENTRIES = [*map(str, range(-1, 5)), "+1", "-0", " 2", "1 ", "1gpu", "00", "", " ", "x", "NoDevFiles", "GPU-", "GPU-a", "GPU-aa1",
           "GPU-aa2", "GPU-b", "GPU-bcd", " GPU-b", "GPU-z", "gpu-b", "MIG-c"]  # fmt: skip


def as_torch_reads(mask, cards):
    """The GPUs that torch expects to see under a mask."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUDA_VISIBLE_DEVICES", mask)
        entries = torch.cuda._parse_visible_devices()
    if entries and isinstance(entries[0], str):
        entries = torch.cuda._transform_uuid_to_ordinals(entries, list(cards))
    return [list(cards)[entry] for entry in takewhile(lambda entry: entry < len(cards), entries)]


@given(st.lists(st.sampled_from(ENTRIES), max_size=5))
def test_a_mask_is_read_as_torch_reads_it(entries):
    mask = ",".join(entries)
    assert visible(mask, CARDS) == as_torch_reads(mask, CARDS)


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (None, ["GPU-aa1", "GPU-aa2", "GPU-bcd"]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("2,0", ["GPU-bcd", "GPU-aa1"]),
        ("0,2,-1,1", ["GPU-aa1", "GPU-bcd"]),
        ("0,3,1", ["GPU-aa1"]),
        ("0,1,0", []),
        ("0,9,9", []),
        ("GPU-b,GPU-aa2", ["GPU-bcd", "GPU-aa2"]),
        ("GPU-b,GPU-aa,GPU-aa1", ["GPU-bcd"]),
        ("GPU-b,0", ["GPU-bcd"]),
        ("0,GPU-b", ["GPU-aa1"]),
        ("GPU-aa1,GPU-aa", ["GPU-aa1"]),
        ("GPU-b,GPU-b", []),
        ("GPU-b,GPU-bcd", []),
    ],
)
def test_the_rule_written_out(mask, expected):
    assert visible(mask, CARDS) == expected


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (None, ["GPU-a", "MIG-ca", "MIG-cb"]),
        ("1,0", ["MIG-ca", "MIG-cb", "GPU-a"]),
        ("GPU-b", ["MIG-ca", "MIG-cb"]),
        ("GPU-c,GPU-a", ["GPU-a"]),
        ("MIG-cb,MIG-ca", ["MIG-cb", "MIG-ca"]),
        ("MIG-c", []),
        ("MIG-cb,GPU-a", ["MIG-cb"]),
        ("MIG-cb,MIG-cb", []),
    ],
)
def test_a_card_that_is_split_up_stands_for_its_instances(mask, expected):
    assert visible(mask, SPLIT) == expected


@given(st.lists(st.sampled_from(ENTRIES), max_size=5), st.permutations(["GPU-aa1", "GPU-aa2", "GPU-bcd"]))
def test_nothing_is_seen_twice_and_nothing_that_is_not_there(entries, order):
    found = visible(",".join(entries), {uuid: [uuid] for uuid in order})
    assert len(set(found)) == len(found) and set(found) <= set(order)
