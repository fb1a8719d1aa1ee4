import pytest
import torch
from scipy.stats import chisquare, kstest
from torch import nn

from modules.noise import add_gradient_noise, noisy_images, noisy_weights, normal_like, redrawn_labels

MANY = 200_000


def stream(seed=0):
    return torch.Generator().manual_seed(seed)


def is_normal(numbers):
    """By the test of Kolmogorov and Smirnov, at a level that a fixed seed either passes always or never."""
    return kstest(numbers.double().flatten().numpy(), "norm").pvalue > 0.01


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_draws_are_standard_normal_in_the_kind_of_the_tensor(dtype):
    drawn = normal_like(torch.zeros(MANY // 4, 4, dtype=dtype), stream())
    assert drawn.dtype == dtype
    assert drawn.shape == (MANY // 4, 4)
    assert is_normal(drawn) or dtype == torch.bfloat16  # of which there are too few different ones
    assert drawn.double().mean().abs() < 4 / MANY**0.5
    assert (drawn.double().std() - 1).abs() < 4 / (2 * MANY) ** 0.5


def test_noise_on_images_is_relative_to_the_spread_of_each_channel():
    images, spread = torch.rand(100, 3, 30, 30), torch.tensor([0.5, 1.0, 4.0]).view(3, 1, 1)
    noise = noisy_images(images, 0.2, spread, stream()) - images
    for channel in range(3):
        assert is_normal(noise[:, channel] / (0.2 * spread[channel]))


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("classes", [2, 10])
def test_labels_are_redrawn_uniformly_so_that_p_times_k_minus_1_of_k_change(p, classes):
    labels = torch.arange(MANY) % classes
    redrawn = redrawn_labels(labels, classes, p, stream())
    changed = redrawn != labels
    expected = p * (classes - 1) / classes
    assert float(changed.double().mean()) == pytest.approx(expected, abs=4 * (0.25 / MANY) ** 0.5)
    assert redrawn.dtype == labels.dtype
    if p:
        shifts = (redrawn - labels)[changed] % classes  # 1 to K - 1, each as often
        assert chisquare(torch.bincount(shifts, minlength=classes)[1:].numpy()).pvalue > 0.01 or classes == 2


def test_noise_on_weights_is_relative_to_the_spread_of_each_and_leaves_no_bit():
    weights = [nn.Parameter(size * torch.randn(300, 100) + 7) for size in (0.01, 1.0, 50.0)]
    before = [weight.detach().clone() for weight in weights]
    with noisy_weights(weights, 0.3, stream()):
        for weight, old in zip(weights, before, strict=True):
            noise = (weight.detach() - old) / (0.3 * old.double().std(correction=0))
            assert noise.double().mean().abs() < 0.03
            assert (noise.double().std() - 1).abs() < 0.02
    assert all(torch.equal(weight, old) for weight, old in zip(weights, before, strict=True))


def test_weights_are_put_back_where_something_is_raised_too():
    weight = nn.Parameter(torch.randn(5, 5))
    before = weight.detach().clone()
    with pytest.raises(OSError, match="no"), noisy_weights([weight], 1.0, stream()):
        raise OSError("no")
    assert torch.equal(weight, before)


def test_weights_of_one_value_or_none_at_all_get_no_noise():
    same = nn.Parameter(torch.full((4, 4), 0.5))
    with noisy_weights([same], 1.0, stream()):
        assert torch.equal(same, torch.full((4, 4), 0.5))
    with noisy_weights([], 1.0, stream()):
        pass


def test_gradients_are_those_at_the_noisy_weights():
    network = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3))
    weights, images = [network[0].weight, network[2].weight], torch.randn(20, 6)
    draws = stream(4)
    moved = [w.detach() + 0.5 * w.detach().std(correction=0) * normal_like(w, draws) for w in weights]
    with noisy_weights(weights, 0.5, stream(4)):
        network(images).square().sum().backward()
    given = {**dict(network.named_parameters()), "0.weight": moved[0], "2.weight": moved[1]}
    given = {name: tensor.detach().clone().requires_grad_() for name, tensor in given.items()}
    torch.func.functional_call(network, given, images).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert torch.allclose(parameter.grad, given[name].grad, atol=1e-5)


@pytest.mark.parametrize(
    ("eta", "step", "variance"), [(0.01, 0, 0.01), (1.0, 0, 1.0), (0.3, 999, 0.00672), (1.0, 9999, 0.006310)]
)
def test_the_variance_of_gradient_noise_decays_as_published(eta, step, variance):
    """eta / (1 + t)^0.55: a thousand steps leave 2.24 % of it, ten thousand 0.631 %."""
    weight = nn.Parameter(torch.zeros(MANY))
    weight.grad = torch.full((MANY,), 5.0)
    add_gradient_noise([weight], eta, step, stream())
    assert is_normal((weight.grad - 5) / variance**0.5)


def test_what_has_no_gradient_gets_none():
    idle = nn.Parameter(torch.zeros(3))
    add_gradient_noise([idle], 1.0, 0, stream())
    assert idle.grad is None


def drawn(generator):
    """All that is drawn from a stream, kind after kind."""
    weight = nn.Parameter(torch.arange(16.0).view(4, 4))
    weight.grad = torch.zeros(4, 4)
    images = noisy_images(torch.zeros(2, 1, 4, 4), 1.0, torch.ones(1, 1, 1), generator)
    labels = redrawn_labels(torch.zeros(50, dtype=torch.long), 10, 0.5, generator)
    with noisy_weights([weight], 1.0, generator):
        weights = weight.detach().clone()
    add_gradient_noise([weight], 1.0, 0, generator)
    return images, labels, weights, weight.grad


def test_all_draws_come_from_the_generator_given():
    before = torch.get_rng_state()
    one, again, other = drawn(stream(9)), drawn(stream(9)), drawn(stream(10))
    assert all(map(torch.equal, one, again))
    assert not any(map(torch.equal, one, other))
    assert torch.equal(torch.get_rng_state(), before)
