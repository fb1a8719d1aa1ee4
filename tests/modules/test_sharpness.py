import pytest
import torch
from torch import nn
from torch.nn import functional as F

from modules.sharpness import sharpness_aware


def passes(network, images, labels, log=None):
    """A pass forth and back, as training takes it."""

    def compute():
        network.zero_grad()
        logits = network(images)
        F.cross_entropy(logits, labels).backward()
        if log is not None:
            log.append(logits.detach().clone())
        return logits.detach()

    return compute


def state_of(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


class Bowl(nn.Module):
    """w'Aw / 2 + u'Bu / 2, whose gradient is (Aw, Bu)."""

    def __init__(self):
        super().__init__()
        self.w, self.u = nn.Parameter(torch.randn(4).double()), nn.Parameter(torch.randn(3).double())
        roots = torch.randn(4, 4).double(), torch.randn(3, 3).double()
        self.a, self.b = (root @ root.T for root in roots)

    def forward(self):
        return (self.w @ self.a @ self.w + self.u @ self.b @ self.u) / 2


@pytest.mark.parametrize("rho", [1e-3, 0.05, 2.0])
def test_the_gradient_is_that_at_the_worst_point_nearby(rho):
    """Of a quadratic in closed form: A (w + rho g / |g|), the norm being that of all parameters together."""
    bowl = Bowl()
    g_w, g_u = bowl.a @ bowl.w.detach(), bowl.b @ bowl.u.detach()
    norm = torch.cat([g_w, g_u]).norm()

    def compute():
        bowl.zero_grad()
        loss = bowl()
        loss.backward()
        return loss.item()

    here = bowl().item()
    assert sharpness_aware(compute, bowl, rho) == here
    assert torch.allclose(bowl.w.grad, bowl.a @ (bowl.w.detach() + rho * g_w / norm))
    assert torch.allclose(bowl.u.grad, bowl.b @ (bowl.u.detach() + rho * g_u / norm))


@pytest.fixture
def batch():
    return torch.randn(16, 6), torch.arange(16) % 3


def awkward():
    """Batch norm, dropout in two places, and a weight that is used twice."""
    shared = nn.Linear(6, 6)
    return nn.Sequential(
        shared, nn.BatchNorm1d(6), nn.Dropout(0.5), nn.ReLU(), shared, nn.Dropout(0.2), nn.Linear(6, 3)
    )


def test_everything_but_the_gradient_is_as_after_one_plain_pass(batch):
    torch.manual_seed(1)
    plain, aware = awkward(), awkward()
    aware.load_state_dict(plain.state_dict())
    torch.manual_seed(7)
    expected = passes(plain, *batch)()
    one_pass = torch.get_rng_state()
    torch.manual_seed(7)
    found = sharpness_aware(passes(aware, *batch), aware, 0.5)
    assert torch.equal(torch.get_rng_state(), one_pass)
    assert torch.equal(found, expected)
    assert same(state_of(aware), state_of(plain))
    assert int(aware[1].num_batches_tracked) == 1
    assert not torch.allclose(aware[0].weight.grad, plain[0].weight.grad)


def test_both_passes_draw_the_same_masks(batch):
    network, masks = awkward(), []
    for dropout in (network[2], network[5]):
        dropout.register_forward_hook(lambda module, args, output: masks.append((output == 0) & (args[0] != 0)))
    logits = []
    sharpness_aware(passes(network, *batch, logits), network, 0.5)
    assert len(masks) == 4
    assert torch.equal(masks[0], masks[2])
    assert masks[0].any()
    assert torch.equal(masks[1], masks[3])
    assert not torch.allclose(*logits)


def test_frozen_and_idle_parameters_stay_out_of_it(batch):
    network = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 3))
    network.register_parameter("idle", nn.Parameter(torch.ones(3)))
    network[0].weight.requires_grad_(False)
    before, moved = state_of(network), []
    network[0].register_forward_hook(lambda module, args, output: moved.append(state_of(network)))
    sharpness_aware(passes(network, *batch), network, 0.1)
    assert same(state_of(network), before)
    assert network.idle.grad is None
    assert network[0].weight.grad is None
    changed = {name for name in before if not torch.equal(moved[1][name], before[name])}
    assert changed == {"0.bias", "2.weight", "2.bias"}
    distance = sum((moved[1][name] - before[name]).square().sum() for name in before).sqrt()
    assert float(distance) == pytest.approx(0.1, rel=1e-4)


def test_a_gradient_of_zero_moves_nothing():
    network = nn.Linear(3, 3)
    nn.init.zeros_(network.weight)
    nn.init.zeros_(network.bias)

    def compute():
        network.zero_grad()
        network(torch.zeros(2, 3)).square().sum().backward()

    sharpness_aware(compute, network, 0.5)
    assert all(parameter.grad.isfinite().all() for parameter in network.parameters())
    assert not any(parameter.any() for parameter in network.parameters())


class Centred(nn.Module):
    """Keeps a running mean as many do: by putting another tensor in the buffer's place."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 3)
        self.register_buffer("mean", torch.zeros(3))

    def forward(self, images):
        logits = self.layer(images)
        self.mean = 0.9 * self.mean + 0.1 * logits.detach().mean(0)
        return logits - self.mean


def test_buffers_that_a_forward_replaces_are_those_of_the_first_pass_too(batch):
    torch.manual_seed(1)
    plain, aware = Centred(), Centred()
    aware.load_state_dict(plain.state_dict())
    passes(plain, *batch)()
    sharpness_aware(passes(aware, *batch), aware, 0.5)
    assert same(state_of(aware), state_of(plain))


def test_weights_are_put_back_where_the_second_pass_fails(batch):
    network = nn.Linear(6, 3)
    compute, calls = passes(network, *batch), []

    def fails():
        calls.append(1)
        if len(calls) == 2:
            raise OSError("no")
        return compute()

    before = state_of(network)
    with pytest.raises(OSError, match="no"):
        sharpness_aware(fails, network, 0.5)
    assert same(state_of(network), before)
