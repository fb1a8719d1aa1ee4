import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from sklearn.linear_model import Lasso
from torch import nn

from modules.penalties import limit_norms_, shrink_


@given(st.floats(-5, 5), st.floats(0.01, 3))
def test_shrinking_minimises_squared_distance_plus_penalty(value, size):
    weight = torch.tensor([value], dtype=torch.float64)
    shrink_([weight], size)
    best = minimize_scalar(lambda x: (x - value) ** 2 / 2 + size * abs(x), bracket=(-6, 6), tol=1e-12).x
    assert weight.item() == pytest.approx(best, abs=1e-5)
    assert (weight.item() == 0) == (abs(value) <= size)


def test_steps_with_shrinking_find_scikit_learns_lasso_and_its_exact_zeros():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(200, 20))
    targets = inputs[:, :3] @ [3.0, -2.0, 1.0] + rng.normal(size=200)
    expected = Lasso(alpha=0.3, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(inputs, targets).coef_
    x, y = torch.from_numpy(inputs), torch.from_numpy(targets)
    weight = torch.zeros(20, dtype=torch.float64)
    for _ in range(2000):
        weight -= 0.1 * x.T @ (x @ weight - y) / 200
        shrink_([weight], 0.1 * 0.3)
    assert np.allclose(weight.numpy(), expected, atol=1e-8)
    assert (weight.numpy() == 0).tolist() == (expected == 0).tolist()
    assert 10 < int((weight == 0).sum()) < 20


LAYERS = {
    "linear": (nn.Linear(12, 6), (1,)),
    "convolution": (nn.Conv2d(3, 6, 3), (1, 2, 3)),
    "grouped convolution": (nn.Conv2d(4, 6, 3, groups=2), (1, 2, 3)),
    "transposed convolution": (nn.ConvTranspose2d(5, 6, 3), (0, 2, 3)),
}


@pytest.mark.parametrize(("layer", "into"), LAYERS.values(), ids=LAYERS)
def test_what_comes_into_a_unit_is_scaled_down_to_the_limit_or_left_alone(layer, into):
    with torch.no_grad():
        layer.weight.normal_()
        layer.bias.fill_(100.0)
    before = layer.weight.detach().numpy().copy()
    norms = np.linalg.norm(np.moveaxis(before, into, range(1, len(into) + 1)).reshape(6, -1), axis=1)
    limit = float(np.median(norms))
    limit_norms_(nn.Sequential(layer), limit)
    after = layer.weight.detach().numpy()
    scales = np.minimum(1, limit / norms)
    (units,) = set(range(before.ndim)) - set(into)
    shape = [6 if axis == units else 1 for axis in range(before.ndim)]
    assert np.allclose(after, before * scales.reshape(shape), atol=1e-5)
    small = np.flatnonzero(norms <= limit)
    assert np.array_equal(np.take(after, small, units), np.take(before, small, units))
    assert len(small) == 3
    assert torch.equal(layer.bias, torch.full((6,), 100.0))


def test_what_comes_into_a_unit_is_all_that_its_output_depends_on():
    """Without a unit's weights, and theirs alone, a transposed convolution's channel is 0."""
    layer = nn.ConvTranspose2d(3, 4, 3, bias=False)
    with torch.no_grad():
        layer.weight[:, 2] *= 1e6
    limit_norms_(layer, 1e-3)
    norms = layer(torch.eye(3).view(3, 3, 1, 1)).square().sum((0, 2, 3)).sqrt()
    assert torch.allclose(norms, torch.full((4,), 1e-3), rtol=1e-3)


def test_norms_attention_and_frozen_layers_are_left_alone():
    network = nn.ModuleList([nn.BatchNorm2d(3), nn.LayerNorm(3), nn.Embedding(5, 3), nn.Linear(4, 4)])
    for parameter in network[3].parameters():
        parameter.requires_grad_(False)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    limit_norms_(network, 1e-3)
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_a_layer_that_is_the_whole_network_and_one_used_twice_are_limited():
    root = nn.Linear(4, 4)
    limit_norms_(root, 0.1)
    shared = nn.Linear(4, 4)
    limit_norms_(nn.Sequential(shared, nn.ReLU(), shared), 0.1)
    for layer in (root, shared):
        assert torch.allclose(layer.weight.norm(dim=1), torch.full((4,), 0.1), rtol=1e-4)


@pytest.mark.parametrize(
    "reparametrised", [nn.utils.parametrizations.weight_norm, nn.utils.parametrizations.spectral_norm]
)
def test_a_limit_on_a_computed_weight_is_refused_rather_than_forgotten(reparametrised):
    network = nn.Sequential(nn.Conv2d(1, 2, 3), reparametrised(nn.Conv2d(2, 2, 3)))
    with pytest.raises(ValueError, match="ParametrizedConv2d computes its weight from others"):
        limit_norms_(network, 1.0)
