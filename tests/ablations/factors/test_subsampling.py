import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ablations.factors.subsampling import Subsampling
from modules.build import build_model
from modules.convolutions import MaxUnpool
from modules.surgery import NoEffect

IMAGES = torch.rand(2, 3, 8, 8)


def operated(model, kind="average", example=IMAGES):
    return Subsampling(kind=kind).operate(model, torch.Generator(), example)


class Mixed(nn.Module):
    """Pools as modules and as functions; the last averages whole maps."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.pool = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1), nn.MaxPool2d(2)

    def forward(self, x):
        x = F.avg_pool2d(self.one(x), 2)
        x = self.pool(self.two(x))
        return F.avg_pool2d(F.max_pool2d(x, 1, 1), 2).flatten(1)


@pytest.mark.parametrize(
    ("kind", "pool"),
    [
        ("max", lambda x: F.max_pool2d(x, 2)),
        ("average", lambda x: F.avg_pool2d(x, 2)),
        ("stride", lambda x: x[..., ::2, ::2]),
    ],
)
def test_pools_that_subsample_give_way_and_averages_of_whole_maps_stay(kind, pool):
    model = Mixed()
    edited = operated(model, kind)
    expected = F.avg_pool2d(pool(model.two(pool(model.one(IMAGES)))), 2).flatten(1)
    assert torch.equal(edited(IMAGES), expected)


def test_without_an_example_every_average_with_a_stride_subsamples():
    edited = operated(nn.AvgPool2d(8), "max", None)
    assert isinstance(edited, nn.MaxPool2d)
    with pytest.raises(NoEffect, match="pools of another kind"):
        operated(nn.AvgPool2d(8), "max")


class Unpooled(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool, self.back = nn.MaxPool2d(2, return_indices=True), MaxUnpool()

    def forward(self, x):
        return self.back(*self.pool(x), x.shape)


@pytest.mark.parametrize(
    "model",
    [nn.MaxPool2d(3, 1), nn.MaxPool2d(1, 2), nn.MaxPool2d(2, dilation=2), Unpooled(), nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 3, 3, 2), nn.AvgPool2d(2)],
)  # fmt: skip
def test_other_pools_stay_and_are_no_effect(model):
    with pytest.raises(NoEffect, match="it looks for pools of another kind"):
        operated(model)


def test_indices_are_handed_on_while_other_pools_change():
    edited = operated(nn.Sequential(nn.MaxPool2d(2), Unpooled()))
    assert isinstance(edited[0], nn.AvgPool2d)
    assert edited[1].pool.return_indices


class Opaque(nn.Module):
    def forward(self, x):
        return F.max_pool2d(x, 2) if x.sum() > 0 else F.avg_pool2d(x, 2)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("max", "1 functional avg_pool2d call cannot"), ("average", "1 functional max_pool2d call cannot"), ("stride", "1 functional avg_pool2d call, 1 functional max_pool2d call cannot")],
)  # fmt: skip
def test_pools_that_no_trace_sees_are_refused_but_for_those_of_the_kind(kind, said):
    with pytest.raises(NoEffect, match=f"{said} be edited, since the forward of Opaque"):
        operated(nn.Sequential(nn.MaxPool2d(2) if kind != "max" else nn.AvgPool2d(2), Opaque()), kind)


def test_a_pool_used_in_two_places_is_changed_in_both():
    pool = nn.MaxPool2d(2)
    edited = operated(nn.Sequential(pool, nn.ReLU(), pool))
    assert edited[0] is edited[2]
    assert isinstance(edited[0], nn.AvgPool2d)


def test_the_root_counts_and_hooks_and_mode_stay():
    model, seen = nn.MaxPool2d(2).eval(), []
    model.register_forward_hook(lambda *_: seen.append(1))
    edited = operated(model, "stride", None)
    edited(IMAGES)
    assert seen == [1]
    assert not edited.training


def test_pools_in_a_plain_list_are_refused():
    model = nn.Sequential(nn.MaxPool2d(2))
    model.spare = (nn.MaxPool2d(2),)
    with pytest.raises(NoEffect, match=r"1 MaxPool2d in Sequential\.spare"):
        operated(model)


def test_stride_twice_is_no_effect():
    with pytest.raises(NoEffect, match="pools of another kind"):
        operated(operated(nn.Sequential(nn.MaxPool2d(3, 2)), "stride"), "stride")


@pytest.mark.parametrize("kind", ["max", "average", "stride"])
@pytest.mark.parametrize("name", ["lenet5", "lenet5_1998", "shufflenet_v1", "alexnet", "squeezenet"])
def test_networks_of_every_sort_keep_their_sizes_and_the_proof_finds_no_more_than_was_declared(proved, name, kind):
    try:
        told = proved(Subsampling(kind=kind), name, 28)
    except NoEffect:
        pools = {
            type(m) for m in build_model(name, image_size=28).modules() if isinstance(m, nn.MaxPool2d | nn.AvgPool2d)
        }
        assert pools <= {nn.MaxPool2d if kind == "max" else nn.AvgPool2d}
        return
    assert told[0] == "model.surgeries[subsampling]"
    assert {"initial weights equal", "parameters equal"} <= set(told)
