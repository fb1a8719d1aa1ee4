from collections import Counter

import pytest
import torch
from torch import nn

from modules.surgery import NoEffect, copied, no_effect
from modules.surgery.tools import adopt, alike, needed, refusing


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ({"relu": 3}, "3 functional relu calls cannot be edited"),
        ({"relu": 1}, "1 functional relu call cannot be edited"),
        (
            {"relu in Net": 2, "relu in Block": 1},
            "3 functional relu calls cannot be edited, since the forward of Block and Net",
        ),
        ({"relu in Net": 2, "tanh in Net": 1}, "2 functional relu calls, 1 functional tanh call cannot be edited"),
    ],
)
def test_calls_that_cannot_be_edited_are_counted_and_placed(calls, said):
    with pytest.raises(NoEffect) as refusal:
        no_effect("edit", "activations", nn.Sequential(nn.Conv2d(1, 1, 1)), Counter(calls))
    assert said in str(refusal.value)
    assert "make them modules; the model has 1 Conv2d, 1 Sequential" in str(refusal.value)


def test_without_calls_the_kinds_that_are_there_are_told():
    with pytest.raises(NoEffect, match="'edit' changes nothing here: it looks for pools; the model has 1 ReLU"):
        no_effect("edit", "pools", nn.ReLU(), Counter())


def test_an_edit_that_must_see_shapes_says_so():
    with pytest.raises(ValueError, match="give `operate` an example batch"):
        needed("edit", None)


def test_what_stands_in_the_way_is_said_with_the_edits_name():
    with pytest.raises(NoEffect, match="'edit' cannot be carried out here: Linear 'head' is stuck"), refusing("edit"):
        raise ValueError("Linear 'head' is stuck")


def test_a_child_is_like_the_first_model_that_has_floating_weights():
    counts = nn.Module()
    counts.register_parameter("count", nn.Parameter(torch.zeros(1, dtype=torch.int64), requires_grad=False))
    alike(child := nn.PReLU(), nn.ReLU(), counts, nn.Linear(1, 1).double())
    assert child.weight.dtype == torch.float64
    alike(child, nn.ReLU())
    assert child.weight.dtype == torch.float64


@pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated")
def test_what_cannot_be_copied_is_said_in_words():
    with pytest.raises(ValueError, match=r"cannot be edited, since it cannot be copied \(RuntimeError: .*weight_norm"):
        copied(nn.utils.weight_norm(nn.Conv2d(4, 4, 3)))


def test_an_adopted_child_has_a_name_that_was_free():
    module = nn.Linear(1, 1).eval()
    module.weight_ = 1
    assert adopt(module, "weight", child := nn.PReLU()) == "weight__"
    assert not child.training
