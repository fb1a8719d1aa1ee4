"""Local response normalisation means the sum, not the mean, over neighbouring maps."""

import pytest
import torch
from torch import nn

from modules.zoo.response_norm import ResponseNorm


def test_it_is_the_formula_of_the_paper():
    x = 30 * torch.randn(2, 7, 3, 3, dtype=torch.float64)
    expected = torch.empty_like(x)
    for i in range(7):
        window = x[:, max(0, i - 2) : min(6, i + 2) + 1]
        expected[:, i] = x[:, i] / (2 + 1e-4 * (window**2).sum(1)) ** 0.75
    assert torch.allclose(ResponseNorm()(x), expected)


@pytest.mark.parametrize("size", [1, 4, 5])
def test_it_is_torch_s_with_alpha_times_the_number_of_maps_and_has_the_same_gradient(size):
    x = (10 * torch.randn(2, 8, 3, 3, dtype=torch.float64)).requires_grad_()
    ours = ResponseNorm(size, alpha=1e-2)
    theirs = nn.LocalResponseNorm(size, alpha=1e-2 * size, beta=0.75, k=2)
    assert ours.alpha == theirs.alpha
    assert torch.allclose(ours(x), theirs(x))
    gradients = [torch.autograd.grad(norm(x).cos().sum(), x)[0] for norm in (ours, theirs)]
    assert torch.allclose(*gradients)
