import pytest
import torch
from torch import nn

from ablations.factors.depth import Depth
from modules.build import build_model
from modules.surgery import NoEffect


def operated(model, multiplier=2.0, example=None):
    return Depth(multiplier=multiplier).operate(model, torch.Generator().manual_seed(0), example)


def test_a_cifar_resnet20_of_twice_the_blocks_has_38_layers():
    edited = operated(build_model("cifar_resnet20"), 2.0, torch.zeros(2, 3, 32, 32))
    weighted = [module for module in edited.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    assert len(weighted) == 38 == 6 * 6 + 2


def test_it_must_see_what_passes_through():
    with pytest.raises(ValueError, match="give `operate` an example batch"):
        operated(nn.Sequential(nn.Linear(1, 1)))


@pytest.mark.parametrize(("model", "shape"), [(nn.Linear(3, 3), (2, 3)), (build_model("lenet5"), (2, 1, 32, 32))])
def test_a_network_without_blocks_is_no_effect(model, shape):
    with pytest.raises(NoEffect, match="stages of blocks that keep their shape"):
        operated(model, 2.0, torch.zeros(shape))


def test_a_multiplier_that_rounds_to_the_same_is_no_effect():
    with pytest.raises(NoEffect, match="stages of blocks"):
        operated(build_model("cifar_resnet20"), 1.1, torch.zeros(2, 3, 32, 32))


class Counted(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(3, 3)) for _ in range(2))

    def forward(self, x):
        return self.blocks[1](self.blocks[0](x))


@pytest.mark.parametrize("multiplier", [0.5, 2.0])
def test_what_cannot_be_is_refused_with_the_edits_name(multiplier):
    with pytest.raises(
        NoEffect, match=rf"Depth\(multiplier={multiplier}\) cannot be carried out here: .*(blocks.2|Counted)"
    ):
        operated(Counted(), multiplier, torch.zeros(2, 3))


@pytest.mark.parametrize("multiplier", [0, -1, 17])
def test_multipliers_out_of_range_are_refused(multiplier):
    with pytest.raises(ValueError, match="Input should be"):
        Depth(multiplier=multiplier)


@pytest.mark.parametrize(
    "model", ["cifar_resnet20", "vgg11", "mobilenet_v1", "shufflenet_v1", "squeezenet", "googlenet"]
)
@pytest.mark.parametrize("multiplier", [0.5, 1.5])
def test_the_proof_finds_no_more_than_was_declared(proved, model, multiplier):
    told = proved(Depth(multiplier=multiplier), model)
    assert told[0] == "model.surgeries[depth]"
    assert not any("redrawn" in line or "resized" in line for line in told)
