from itertools import permutations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ablations.factors.activation import Activation
from ablations.factors.dropout import Dropout
from ablations.factors.skip import Skip
from ablations.factors.subsampling import Subsampling
from ablations.factors.width import Width
from modules.build import build_model
from modules.surgery import NoEffect

IMAGES = torch.rand(2, 3, 8, 8)


def operated(model):
    return Skip().operate(model, torch.Generator())


@pytest.mark.parametrize("model", ["lenet5", "cifar_plain20", "squeezenet", "googlenet"])
def test_a_network_without_skips_is_no_effect(model):
    with pytest.raises(NoEffect, match="it looks for skip connections"):
        operated(build_model(model))


def test_sums_that_no_trace_sees_are_refused_with_the_edits_name():
    with pytest.raises(
        NoEffect, match=r"Skip\(kept=False\) cannot be carried out here: sums in a forward .*TransformerEncoderLayer"
    ):
        operated(nn.TransformerEncoderLayer(4, 2))


class Net(nn.Module):
    """Everything that a trace must see, around a skip."""

    def __init__(self):
        super().__init__()
        self.stem, self.body, self.head = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1), nn.Linear(64, 5)

    def forward(self, x):
        x = F.relu(self.stem(x), inplace=True)
        x = F.max_pool2d(x + self.body(x).relu(), 2)
        return self.head(F.dropout(x, 0.5, self.training).flatten(1))


def by_hand(model, training):
    x = torch.tanh(model.stem(IMAGES))
    x = F.avg_pool2d(torch.tanh(model.body(x)), 2)
    torch.manual_seed(1)
    return model.head(F.dropout(x, 0.25, training).flatten(1))


EDITS = (Activation(name="tanh"), Subsampling(kind="average"), Skip(), Dropout(p=0.25))


@pytest.mark.parametrize("edits", list(permutations(EDITS)), ids=lambda edits: "-".join(edit.factor for edit in edits))
def test_edits_of_one_forward_add_up_in_any_order(edits):
    model = edited = Net()
    for edit in edits:
        edited = edit.operate(edited, torch.Generator(), IMAGES)
    for mode in (True, False):
        torch.manual_seed(1)
        assert torch.equal(edited.train(mode)(IMAGES), by_hand(model, mode))
    assert "forward" not in vars(model)


def test_a_forward_without_its_skip_can_be_widened():
    edited = Width(multiplier=2.0).operate(operated(Net()), torch.Generator(), IMAGES)
    assert edited(IMAGES).shape == (2, 5)
    assert edited.body.out_channels == 8


@pytest.mark.parametrize("model", ["resnet18", "cifar_resnet20", "shufflenet_v1"])
def test_the_proof_finds_no_more_than_was_declared(proved, model):
    told = proved(Skip(), model)
    assert told[0] == "model.surgeries[skip]"
    assert not any("redrawn" in line or "resized" in line for line in told)
