"""How maps are made larger, on SegNet and on anybody's network."""

import pytest
import torch
from torch import nn

from ablations.arms import Arm
from ablations.difference import difference
from ablations.factors.upsampling import Upsampling
from modules.build import anatomy, build, parameter_count
from modules.recipe import Data, Model, Recipe
from modules.surgery import NoEffect
from modules.upsampling import Resizing, Transposing, Unpooling
from tests.ablations.members import MEMBERS

SEGNET = Recipe(data=Data(name="digit_masks", arguments={"images": 140, "size": 24}), model=Model(name="segnet"))
REFUSED = {
    "dropout", "stochastic_depth", "skip", "auxiliary", "subsampling",  # nothing to change
    "architecture", "cutout", "randaugment", "mixup", "cutmix", "disturb_label",  # for images of one class
}  # fmt: skip
CLASSES = {"transposed": Transposing, "unpool": Unpooling, "resize": Resizing}
IMAGES = torch.rand(2, 3, 16, 16)


def operated(model: nn.Module, images: torch.Tensor = IMAGES, **settings) -> nn.Module:
    return Upsampling(**settings).operate(model, torch.Generator().manual_seed(0), images)


class Decoder(nn.Module):
    """Maps are handed over by way of indices, but read by whoever likes."""

    def __init__(self, up: nn.Module):
        super().__init__()
        self.pool, self.up = nn.MaxPool2d(2, return_indices=True), up

    def forward(self, x):
        y, indices = self.pool(x)
        return self.up(y, indices, x.shape)


@pytest.mark.parametrize("kind", ["transposed", "resize"])
def test_segnet_gets_the_kind_in_every_place_with_as_many_parameters(kind):
    edited = build(Upsampling(kind=kind).apply(SEGNET), 0)
    assert sum(isinstance(module, CLASSES[kind]) for module in edited.modules()) == 3
    assert not any(isinstance(module, Unpooling) for module in edited.modules())
    assert parameter_count(edited) == parameter_count(build(SEGNET, 0))


def test_resizing_leaves_all_weights_of_segnet_as_they_were():
    base, edited = (build(recipe, 0).state_dict() for recipe in (SEGNET, Upsampling(kind="resize").apply(SEGNET)))
    assert base.keys() == edited.keys()
    assert all(torch.equal(base[name], edited[name]) for name in base)


def test_unpooling_is_what_segnet_does_already():
    with pytest.raises(NoEffect, match="handed the indices of a max pool"):
        build(Upsampling(kind="unpool").apply(SEGNET), 0)


@pytest.mark.parametrize("up", [Resizing, Transposing])
def test_unpooling_stands_where_indices_are_handed_over(up):
    edited = operated(Decoder(up(3, 4)), kind="unpool")
    assert isinstance(edited.up, Unpooling)
    assert edited(IMAGES).shape == (2, 4, 16, 16)


def test_unpooling_is_refused_where_they_are_not():
    model = nn.Sequential(nn.MaxPool2d(2), nn.ConvTranspose2d(3, 4, 2, stride=2))
    with pytest.raises(NoEffect, match="it looks for modules that make maps larger and are handed the indices"):
        operated(model, kind="unpool")


def test_anybodys_transposed_convolution_gives_way_to_resizing():
    model = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ConvTranspose2d(8, 4, 2, stride=2))
    edited = operated(model, kind="resize", mode="bilinear")
    assert edited(IMAGES).shape == model(IMAGES).shape
    assert edited[1].mode == "bilinear"


class Unpooled(nn.Module):
    """A decoder that calls torch's own."""

    def __init__(self):
        super().__init__()
        self.pool, self.up = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)

    def forward(self, x):
        y, indices = self.pool(x)
        return self.up(y, indices, output_size=x.shape)


@pytest.mark.parametrize("model", [Unpooled(), nn.Sequential(nn.MaxPool2d(2), nn.Upsample(scale_factor=2))])
@pytest.mark.usefixtures("as_it_comes")  # torch's own unpooling has no other kernel
def test_what_had_no_convolution_gets_one(model):
    edited = operated(model, kind="transposed", kernel=4)
    assert edited(IMAGES).shape == IMAGES.shape
    assert parameter_count(edited) == 3 * 3 * 16


@pytest.mark.parametrize("model", [nn.Conv2d(3, 3, 3), nn.ConvTranspose2d(3, 3, 3)])
def test_a_network_that_makes_nothing_larger_is_left_alone(model):
    with pytest.raises(NoEffect, match="it looks for modules of another kind that make maps larger"):
        operated(model)


@pytest.mark.parametrize("factor", MEMBERS)
def test_every_factor_meets_segnet_and_is_proved_or_refused_in_a_line(factor):
    arm = Arm(factor, (MEMBERS[factor].strong,))
    if factor not in REFUSED and not factor.startswith("rcnn_"):
        assert difference(arm, SEGNET, lambda recipe: anatomy(build(recipe, 0)))
        return
    with pytest.raises(ValueError) as refusal:  # noqa: PT011  (each says something else)
        difference(arm, SEGNET, lambda recipe: anatomy(build(recipe, 0)))
    assert "\n" not in str(refusal.value)
