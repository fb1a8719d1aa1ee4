import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ablations.factors.batchnorm import BatchNorm
from ablations.factors.spatial_dropout import SpatialDropout
from modules.build import build_model
from modules.surgery import NoEffect

IMAGES = torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def operated(model, p=0.2):
    return SpatialDropout(p=p).operate(model, torch.Generator())


def places(model):
    """The names of the layers in front of which maps are dropped."""
    kinds = nn.Dropout1d | nn.Dropout2d | nn.Dropout3d
    return [name.rpartition(".")[0] for name, module in model.named_modules() if isinstance(module, kinds)]


def readers(channels=200):
    """A convolution that makes maps of ones, and one that passes maps on."""
    model = nn.Sequential(nn.Conv2d(3, channels, 1), nn.Conv2d(channels, channels, 1, bias=False))
    nn.init.zeros_(model[0].weight)
    nn.init.ones_(model[0].bias)
    nn.init.dirac_(model[1].weight)
    return model


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_a_map_goes_as_a_whole_with_probability_p_and_the_others_make_up_for_it(p):
    torch.manual_seed(1)
    passed = operated(readers(), p)(IMAGES.repeat(10, 1, 1, 1)).flatten(2)
    assert (passed == passed[..., :1]).all()
    assert (passed[..., 0] == 0).double().mean() == pytest.approx(p, abs=0.03)
    assert torch.allclose(passed[passed != 0], torch.tensor(1 / (1 - p)))


def test_every_example_loses_maps_of_its_own():
    torch.manual_seed(2)
    passed = operated(readers(), 0.5)(IMAGES)[:, :, 0, 0]
    assert len({tuple(row) for row in passed.tolist()}) == len(IMAGES)


def test_it_does_what_a_person_would_write():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 2, 3))
    edited = operated(model, 0.5)
    torch.manual_seed(3)
    passed = edited(IMAGES)
    torch.manual_seed(3)
    assert torch.equal(passed, model[3](F.dropout2d(model[2](model[1](model[0](IMAGES))), 0.5)))


def test_in_eval_mode_nothing_is_dropped_bit_for_bit():
    model = build_model("cifar_resnet20").eval()
    assert torch.equal(operated(model, 0.9)(IMAGES), model(IMAGES))


@pytest.mark.parametrize(
    ("conv", "dropout", "shape"),
    [
        (nn.Conv1d, nn.Dropout1d, (2, 3, 8)),
        (nn.Conv2d, nn.Dropout2d, (2, 3, 8, 8)),
        (nn.Conv3d, nn.Dropout3d, (2, 3, 8, 8, 8)),
    ],
)
def test_maps_of_every_dimension_are_dropped(conv, dropout, shape):
    edited = operated(nn.Sequential(conv(3, 4, 3), conv(4, 4, 3)))
    assert type(edited[1].dropout) is dropout
    edited(torch.rand(shape))


def test_lenet_drops_maps_in_front_of_its_second_convolution_and_no_units():
    assert places(operated(build_model("lenet5"))) == ["conv2"]


def test_a_residual_network_drops_in_its_branches_and_leaves_the_ways_around_clear():
    inside = places(operated(build_model("cifar_resnet20")))
    assert inside == [f"stage{s}.{b}.conv{c}" for s in (1, 2, 3) for b in range(3) for c in (1, 2)]
    model = build_model("resnet18", classes=10, image_size=32)
    projections = [name for name, module in model.named_modules() if getattr(module, "kernel_size", 0) == (1, 1)]
    assert len(projections) == 3
    assert len(places(operated(model))) == 16
    assert not {*projections} & {*places(operated(model))}


def test_depthwise_convolutions_are_left_to_the_pointwise_ones_behind_them():
    edited = operated(build_model("mobilenet_v1", classes=10, image_size=32))
    mixing = [name for name, conv in edited.named_modules() if isinstance(conv, nn.Conv2d) and conv.groups == 1]
    assert places(edited) == mixing[1:]
    assert len(mixing) == 14


@pytest.mark.parametrize("model", [nn.Conv2d(3, 4, 3), nn.Sequential(nn.Flatten(), nn.Linear(4, 4), nn.Linear(4, 2))])
def test_a_network_without_two_convolutions_is_no_effect(model):
    with pytest.raises(NoEffect, match="it looks for convolutions behind the first, or spatial dropout with another p"):
        operated(model)


class Own(nn.Module):
    """As in torch's example for MNIST."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.drop = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3), nn.Dropout2d(0.5)

    def forward(self, x):
        return F.relu(self.drop(self.two(F.relu(self.one(x)))))


class Functional(Own):
    def __init__(self):
        super().__init__()
        del self.drop

    def forward(self, x):
        return F.dropout2d(self.two(self.one(x)), training=self.training)


def test_a_networks_own_gets_the_new_p_and_no_other_is_added():
    edited = operated(Own(), 0.3)
    assert edited.drop.p == 0.3
    assert places(edited) == [""]
    assert places(operated(Functional(), 0.3)) == []


@pytest.mark.parametrize("kind", [Own, Functional])
def test_the_p_that_it_has_is_no_effect(kind):
    with pytest.raises(NoEffect, match="spatial dropout with another p"):
        operated(kind(), 0.5)


def test_with_batch_norm_it_stands_in_front_of_the_convolution_and_the_norm_behind():
    edited = BatchNorm().operate(operated(build_model("lenet5")), torch.Generator())
    assert [name for name, _ in edited.conv2.named_children()] == ["dropout", "norm"]


@pytest.mark.parametrize("model", ["lenet5", "cifar_resnet20", "shufflenet_v1", "googlenet"])
def test_the_proof_finds_no_more_than_was_declared(proved, model):
    told = proved(SpatialDropout(), model)
    assert told[0] == "model.surgeries[spatial_dropout]"
    assert {"initial weights equal", "parameters equal"} <= set(told)
