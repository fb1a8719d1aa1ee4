import pytest
import torch
from torch import nn

from ablations.factors.width import Width
from modules.build import build_model, parameter_count
from modules.surgery import NoEffect


def operated(model, multiplier=0.5, example=None):
    return Width(multiplier=multiplier).operate(model, torch.Generator().manual_seed(0), example)


@pytest.mark.parametrize(("multiplier", "published"), [(0.5, 1_331_592), (0.25, 470_072), (0.75, 2_585_560)])
def test_mobilenets_have_the_counts_that_are_published(multiplier, published):
    """Of the reference implementation (Keras applications), whose widths agree where all are divided evenly."""
    edited = operated(build_model("mobilenet_v1"), multiplier, torch.zeros(2, 3, 32, 32))
    assert parameter_count(edited) == published


def test_it_must_see_what_passes_through():
    with pytest.raises(ValueError, match="give `operate` an example batch"):
        operated(nn.Sequential(nn.Linear(1, 1)))


@pytest.mark.parametrize("model", [nn.Linear(3, 3), nn.Sequential(nn.Linear(3, 1), nn.Linear(1, 3))])
def test_nothing_hidden_that_can_be_narrower_is_no_effect(model):
    with pytest.raises(NoEffect, match="hidden layers whose width changes"):
        operated(model, 0.5, torch.zeros(2, 3))


class LeNet(nn.Module):
    """As many write it."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.pool = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2)
        self.fc1, self.fc2 = nn.Linear(400, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(self.conv2(self.pool(self.conv1(x)).relu()).relu())
        return self.fc2(self.fc1(x.view(-1, 400)).relu())


@pytest.mark.parametrize("multiplier", [0.5, 2.0])
def test_a_hard_coded_width_is_refused_by_name_though_the_batch_happens_to_fit(multiplier):
    with pytest.raises(
        NoEffect, match=rf"Width\(multiplier={multiplier}\) cannot be .* Linear 'fc1' cannot take .*flatten\(1\)"
    ):
        operated(LeNet(), multiplier, torch.zeros(2, 1, 32, 32))


def test_a_hard_coded_width_that_fits_no_batch_is_refused_by_name():
    with pytest.raises(NoEffect, match="LeNet cannot take what reaches it"):
        operated(LeNet(), 0.75, torch.zeros(2, 1, 32, 32))


@pytest.mark.parametrize("multiplier", [0, -0.5, 17])
def test_multipliers_out_of_range_are_refused(multiplier):
    with pytest.raises(ValueError, match="Input should be"):
        Width(multiplier=multiplier)


@pytest.mark.parametrize(
    "model",
    [
        "lenet5",
        "mlp",
        "cifar_resnet20",
        "resnet18",
        "squeezenet",
        "googlenet",
        "mobilenet_v1",
        "shufflenet_v1",
        "alexnet",
    ],
)
@pytest.mark.parametrize("multiplier", [0.5, 2.0])
def test_the_proof_finds_no_more_than_was_declared(proved, model, multiplier):
    if multiplier == 2.0 and model in ("alexnet", "googlenet", "resnet18"):
        return
    assert proved(Width(multiplier=multiplier), model)[0] == "model.surgeries[width]"


def test_fixed_codes_are_refused_by_name():
    with pytest.raises(NoEffect, match=r"(PartialConvolution|Subsampling) '\w+' cannot take"):
        operated(build_model("lenet5_1998"), 0.5, torch.zeros(2, 1, 32, 32))
