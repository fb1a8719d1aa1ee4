"""Norms against torch's own functions, and where they go."""

from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from modules.surgery.norms import group_norm, largest_divisor, layer_norm, normalise_examples, unnormalised

IMAGES = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 3 + 1


def convolution(channels, **settings):
    torch.manual_seed(1)
    return nn.Conv2d(3, channels, 3, **settings)


def normalised(model, make, share=1.0):
    edited, found = normalise_examples(model, share, make)
    assert found
    return edited


@pytest.mark.parametrize("channels", [1, 6, 8, 12])
@pytest.mark.parametrize("groups", [1, 2, 3])
def test_groups_behind_a_convolution_are_those_of_torch(channels, groups):
    conv = convolution(channels)
    expected = F.group_norm(F.conv2d(IMAGES, conv.weight), largest_divisor(channels, groups))
    assert torch.allclose(normalised(conv, partial(group_norm, groups=groups))(IMAGES), expected, atol=1e-5)


def test_a_layer_norm_of_maps_is_over_channels_and_pixels():
    conv = convolution(6)
    expected = F.layer_norm(F.conv2d(IMAGES, conv.weight), (6, 6, 6))
    assert torch.allclose(normalised(conv, layer_norm)(IMAGES), expected, atol=1e-5)


def rows(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(2)) + 2


@pytest.mark.parametrize("shape", [(5, 3), (5, 7, 3)])
@pytest.mark.parametrize("make", [layer_norm, partial(group_norm, groups=1)])
def test_units_of_a_linear_layer_are_normalised_at_each_position(make, shape):
    model, seen = nn.Sequential(nn.Linear(3, 6), nn.Linear(6, 2)), []
    expected = F.layer_norm(F.linear(rows(*shape), model[0].weight), (6,))
    edited = normalised(model, make)
    edited[1].register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    edited(rows(*shape))
    assert torch.allclose(seen[0], expected, atol=1e-5)
    assert edited[1].bias is not None


@pytest.mark.parametrize(("channels", "groups"), [(1, 1), (5, 5), (6, 6), (7, 7), (8, 8), (12, 6), (64, 8), (100, 5)])
def test_the_number_of_groups_divides_the_channels(channels, groups):
    assert group_norm(nn.Conv2d(1, channels, 3), 8).num_groups == groups


@pytest.mark.parametrize(("units", "groups"), [(2, 1), (5, 1), (6, 3), (8, 4), (84, 7), (120, 8)])
def test_a_group_of_units_has_two_at_least_or_all_would_be_zero(units, groups):
    assert group_norm(nn.Linear(3, units), 8).num_groups == groups
    model = normalised(nn.Sequential(nn.Linear(3, units), nn.Linear(units, 2)), partial(group_norm, groups=8))
    assert model[0](rows(4, 3)).std() > 0.5


@given(number=st.integers(1, 500), most=st.integers(0, 500))
def test_the_largest_divisor_is_that_of_a_plain_search(number, most):
    assert largest_divisor(number, most) == max(d for d in range(1, max(most, 1) + 1) if number % d == 0)


class TestInPlaceOfABatchNorm:
    """The stand-in keeps what is not about the batch."""

    @pytest.mark.parametrize("kind", [nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm])
    def test_every_kind_gives_way(self, kind):
        edited = normalised(nn.Sequential(kind(4, eps=0.1)), layer_norm)
        assert type(edited[0]) is nn.GroupNorm
        assert (edited[0].num_groups, edited[0].num_channels, edited[0].eps) == (1, 4, 0.1)

    def test_weight_and_bias_stay_the_same_parameters_and_statistics_go(self):
        norm = nn.BatchNorm2d(4)
        norm.weight.data.uniform_(1, 2, generator=torch.Generator().manual_seed(3))
        norm.bias.requires_grad_(False)
        model = nn.Sequential(convolution(4, bias=False), norm)
        edited = normalised(model, partial(group_norm, groups=2))
        assert edited[1].weight is norm.weight
        assert edited[1].bias is norm.bias
        assert edited.state_dict().keys() == {"0.weight", "1.weight", "1.bias"}
        maps = F.conv2d(IMAGES, model[0].weight)
        assert torch.equal(edited(IMAGES), F.group_norm(maps, 2, norm.weight, norm.bias))

    def test_one_without_weight_and_bias_leaves_none(self):
        edited = normalised(nn.BatchNorm2d(3, affine=False), layer_norm)
        assert list(edited.parameters()) == []
        assert torch.equal(edited(IMAGES), F.group_norm(IMAGES, 1))
        assert "affine=False" in repr(edited)

    def test_one_that_is_used_twice_is_one_stand_in(self):
        norm = nn.BatchNorm2d(3)
        edited = normalised(nn.Sequential(norm, nn.ReLU(), norm), layer_norm)
        assert edited[0] is edited[2]

    def test_one_that_also_activates_is_refused(self):
        class Activating(nn.BatchNorm2d):
            def forward(self, x):
                return super().forward(x).relu()

        with pytest.raises(ValueError, match="Activating has a forward of its own; make it a plain BatchNorm"):
            normalise_examples(nn.Sequential(Activating(3)), 1.0, layer_norm)

    def test_one_that_torch_does_not_see_is_refused(self):
        model = nn.Sequential(nn.BatchNorm2d(3))
        model.hidden = [nn.BatchNorm2d(3)]
        with pytest.raises(ValueError, match=r"1 BatchNorm2d in Sequential\.hidden: a plain list"):
            normalise_examples(model, 1.0, layer_norm)


def mixed():
    """A convolution without norm, one with a batch norm, one with another norm."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3), nn.InstanceNorm2d(4)
    )


@pytest.mark.parametrize(
    ("share", "kinds"), [(0.5, (nn.GroupNorm, nn.BatchNorm2d)), (1.0, (nn.GroupNorm, nn.GroupNorm))]
)
def test_a_share_counts_bare_layers_and_batch_norms_from_the_input(share, kinds):
    edited = normalised(mixed(), layer_norm, share)
    assert (type(edited[0].norm), type(edited[3])) == kinds
    assert not hasattr(edited[2], "norm")
    assert not hasattr(edited[4], "norm")


def names(model):
    bare = unnormalised(model)
    return [name for name, module in model.named_modules() if module in bare]


def test_dropout_between_a_layer_and_its_norm_hides_nothing():
    assert names(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Dropout2d(0.1), nn.BatchNorm2d(4))) == []


def test_hidden_linear_layers_with_a_norm_are_not_bare():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    assert names(model) == ["2"]
