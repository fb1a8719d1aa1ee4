import math

import pytest
import torch
from torch import nn

from ablations.factors.init import Init
from modules.surgery import NoEffect

FAN_IN, FAN_OUT = 400, 300
THEORY = {
    "he_normal": math.sqrt(2 / FAN_IN),
    "he_uniform": math.sqrt(2 / FAN_IN),
    "xavier_normal": math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "xavier_uniform": math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "normal": 0.01,
    "orthogonal": math.sqrt(1 / FAN_IN),
}


def drawn(scheme, layer=None, **settings):
    """The weight of a layer after the scheme."""
    layer = nn.Linear(FAN_IN, FAN_OUT) if layer is None else layer
    return Init(scheme=scheme, **settings).operate(layer, torch.Generator().manual_seed(1)).weight.detach()


@pytest.mark.parametrize(("scheme", "spread"), THEORY.items())
def test_the_spread_is_that_of_the_paper(scheme, spread):
    weight = drawn(scheme)
    assert weight.std().item() == pytest.approx(spread, rel=0.02)
    assert abs(weight.mean().item()) < 0.05 * spread


@pytest.mark.parametrize("scheme", ["he_uniform", "xavier_uniform"])
def test_uniform_draws_end_at_root_three_spreads(scheme):
    assert drawn(scheme).abs().max().item() == pytest.approx(math.sqrt(3) * THEORY[scheme], rel=0.01)


@pytest.mark.parametrize("scheme", ["he_normal", "xavier_normal", "normal", "orthogonal"])
def test_other_draws_do_not_end_there(scheme):
    assert drawn(scheme).abs().max() > 1.1 * math.sqrt(3) * THEORY[scheme]


def test_a_convolution_counts_its_kernel_in_the_fan():
    weight = drawn("he_normal", nn.Conv2d(32, 64, 3))
    assert weight.std().item() == pytest.approx(math.sqrt(2 / (32 * 9)), rel=0.02)


def test_orthogonal_rows_are_orthonormal():
    weight = drawn("orthogonal")
    assert torch.allclose(weight @ weight.T, torch.eye(FAN_OUT), atol=1e-5)


def test_the_default_is_not_he():
    assert drawn("default").std().item() < 0.5 * THEORY["he_normal"]


@pytest.mark.parametrize("value", [0.01, 3.0])
def test_value_is_the_spread_of_normal_and_the_number_of_constant(value):
    assert drawn("normal", value=value).std().item() == pytest.approx(value, rel=0.02)
    assert (drawn("constant", value=value) == value).all()


def test_zeros_are_zeros():
    assert not drawn("zeros").any()


@pytest.mark.parametrize("scheme", [*THEORY, "constant", "zeros"])
def test_biases_start_at_zero_and_norms_stay(scheme):
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(27, 2))
    nn.init.uniform_(model[1].weight)
    nn.init.ones_(model[1].bias)
    edited = Init(scheme=scheme).operate(model, torch.Generator())
    assert not edited[0].bias.any()
    assert not edited[3].bias.any()
    assert torch.equal(edited[1].weight, model[1].weight)
    assert torch.equal(edited[1].bias, model[1].bias)


def test_draws_come_from_the_stream_given():
    layer = nn.Linear(4, 4)
    one, again, other = (Init().operate(layer, torch.Generator().manual_seed(seed)).weight for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_a_computed_weight_is_not_passed_over_in_silence():
    """A draw into what weight_norm computes would be thrown away."""
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(4, 3))
    with pytest.raises(NoEffect, match="ParametrizedLinear computes its weight from others"):
        Init(scheme="zeros").operate(layer, torch.Generator())
