"""Logits from whatever networks return."""

from collections import namedtuple
from types import SimpleNamespace

import pytest
import torch

from modules.outputs import read_output

LOGITS, SIDE, OTHER = (torch.full((2, 3), value) for value in (1.0, 2.0, 3.0))
GoogLeNetOutputs = namedtuple("GoogLeNetOutputs", ["logits", "aux_logits2", "aux_logits1"])


@pytest.mark.parametrize(
    ("returned", "auxiliary"),
    [
        (LOGITS, ()),
        ((LOGITS,), ()),
        ([LOGITS, SIDE], (SIDE,)),
        ((LOGITS, (SIDE, None)), (SIDE,)),
        ((LOGITS, (SIDE, OTHER)), (SIDE, OTHER)),
        (GoogLeNetOutputs(LOGITS, SIDE, OTHER), (SIDE, OTHER)),
        (GoogLeNetOutputs(LOGITS, None, None), ()),
        ({"logits": LOGITS, "loss": SIDE}, ()),
        (SimpleNamespace(logits=LOGITS), ()),
    ],
)
def test_logits_come_first_and_the_rest_of_a_tuple_are_auxiliary(returned, auxiliary):
    output = read_output(returned)
    assert output.logits is LOGITS
    assert len(output.auxiliary) == len(auxiliary)
    assert all(ours is theirs for ours, theirs in zip(output.auxiliary, auxiliary, strict=True))


@pytest.mark.parametrize("returned", [None, "logits", {"scores": LOGITS}, (), SimpleNamespace(logits=3)])
def test_anything_else_is_refused(returned):
    with pytest.raises(ValueError, match=r"it must return logits of shape \(N, classes\)"):
        read_output(returned)
