"""The statistics of stochastic depth, and where it stands."""

import pytest
import torch
from torch import nn

from modules.build import build_model
from modules.surgery.stochastic_depth import StochasticDepth, drop_branches, leave_out, linear_rule

MAPS = torch.randn(3, 4, 6, 6, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(20_000,), (20_000, 3), (20_000, 2, 2, 2)])
def test_an_example_goes_as_a_whole_and_the_others_make_up_for_it(p, shape):
    torch.manual_seed(1)
    passed = leave_out(torch.ones(shape), p).flatten(1) if len(shape) > 1 else leave_out(torch.ones(shape), p)[:, None]
    assert (passed == passed[:, :1]).all()
    assert torch.allclose(passed[passed != 0], torch.tensor(1 / (1 - p)))
    share, spread = (passed[:, 0] == 0).double().mean(), (p * (1 - p) / shape[0]) ** 0.5
    assert share == pytest.approx(p, abs=5 * spread)
    assert passed.double().mean() == pytest.approx(1, abs=5 * spread / (1 - p))


def test_gradients_are_zero_where_it_was_left_out_and_scaled_alike_elsewhere():
    torch.manual_seed(2)
    branch = torch.ones(50, 3, requires_grad=True)
    passed = leave_out(branch, 0.5)
    passed.sum().backward()
    assert torch.equal(branch.grad, passed)
    assert 0 < (branch.grad == 0).sum() < branch.numel()


def test_eval_mode_passes_on_the_very_same_tensor():
    state = torch.get_rng_state()
    assert StochasticDepth(0.9).eval()(MAPS) is MAPS
    assert torch.equal(torch.get_rng_state(), state)


def test_it_draws_from_torchs_global_generator():
    torch.manual_seed(3)
    first = StochasticDepth(0.5)(MAPS.repeat(20, 1, 1, 1))
    torch.manual_seed(3)
    assert torch.equal(StochasticDepth(0.5)(MAPS.repeat(20, 1, 1, 1)), first)


def test_by_the_linear_rule_survival_is_that_of_the_paper():
    """Equation 4 of Huang et al.: p_l = 1 - l / L (1 - p_L), here for L = 54 and p_L = 0.5 (ResNet-110)."""
    survival = [1 - p for p in linear_rule(54, 0.5)]
    assert survival == pytest.approx([1 - block / 54 * (1 - 0.5) for block in range(1, 55)])
    assert sum(survival) == pytest.approx(40.25)  # the paper: about 40 of the 54 blocks are left on average


def rates(model):
    return [module.p for module in model.modules() if isinstance(module, StochasticDepth)]


@pytest.mark.parametrize(("model", "blocks"), [("cifar_resnet20", 9), ("resnet18", 8), ("resnet50", 16)])
def test_a_residual_network_has_it_in_each_block_and_grows_bolder(model, blocks):
    network = build_model(model, classes=10, image_size=32)
    assert drop_branches(network, 0.5) == blocks
    assert rates(network) == pytest.approx([0.5 * block / blocks for block in range(1, blocks + 1)])


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1))
        self.other = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1))
        self.projection = nn.Conv2d(4, 4, 1)


class Plus(Block):
    def forward(self, x):
        return x + self.body(x)


class PlusOnTheOtherSide(Block):
    def forward(self, x):
        return self.body(x) + x


class InPlace(Block):
    def forward(self, x):
        y = self.body(x)
        y += x
        return y


class InPlaceByMethod(Block):
    """What is returned is the branch, into which the sum has been written."""

    def forward(self, x):
        y = self.body(x)
        y.add_(x)
        return y


class InPlaceOnTheShortcut(Block):
    def forward(self, x):
        x = x * 1
        x.add_(self.body(x))
        return x


class ByFunction(Block):
    def forward(self, x):
        return torch.add(input=x, other=self.body(x))


ONE = [Plus, PlusOnTheOtherSide, InPlace, InPlaceByMethod, InPlaceOnTheShortcut, ByFunction]


def with_it(kind, p):
    torch.manual_seed(4)
    model = kind()
    return model, drop_branches(model, p)


@pytest.mark.parametrize("kind", ONE)
def test_while_training_an_example_has_its_shortcut_alone_or_a_louder_branch(kind):
    model, found = with_it(kind, 0.5)
    assert found == 1
    torch.manual_seed(5)
    images = MAPS[:1].repeat(40, 1, 1, 1)
    out, branch = model(images), model.body(images)
    left_out = (out == images).flatten(1).all(1)
    assert 0 < left_out.sum() < len(images)
    assert torch.allclose(out[~left_out], (images + 2 * branch)[~left_out], atol=1e-6)


@pytest.mark.parametrize("kind", ONE)
def test_in_eval_mode_it_is_the_plain_network_bit_for_bit(kind):
    model, _ = with_it(kind, 0.5)
    torch.manual_seed(4)
    assert torch.equal(model.eval()(MAPS), kind().eval()(MAPS))


class Alpha(Block):
    def forward(self, x):
        return torch.add(x, self.body(x), alpha=3)


class Projected(Block):
    def forward(self, x):
        return self.projection(x) + self.body(x)


class Chained(Block):
    def forward(self, x):
        x = x + self.body(x)
        return x + self.other(x)


class Nested(Block):
    def forward(self, x):
        return x + self.other(x + self.body(x))


def chained(model, x):
    x = x + model.stochastic_depth(model.body(x))
    return x + model.stochastic_depth_(model.other(x))


MANY = {
    Alpha: lambda m, x: torch.add(x, m.stochastic_depth(m.body(x)), alpha=3),
    Projected: lambda m, x: m.projection(x) + m.stochastic_depth(m.body(x)),
    Chained: chained,
    Nested: lambda m, x: x + m.stochastic_depth_(m.other(x + m.stochastic_depth(m.body(x)))),
}


@pytest.mark.parametrize("kind", MANY)
@pytest.mark.parametrize("training", [True, False])
def test_it_stands_where_a_person_would_write_it(kind, training):
    model, _ = with_it(kind, 0.5)
    model.train(training)
    torch.manual_seed(6)
    expected = MANY[kind](model, MAPS)
    torch.manual_seed(6)
    assert torch.equal(model(MAPS), expected)


def test_a_block_that_is_shared_is_counted_once_and_draws_at_each_call():
    block = Plus()
    model = nn.Sequential(block, block)
    assert drop_branches(model, 0.5) == 1
    torch.manual_seed(7)
    images = MAPS[:1].repeat(400, 1, 1, 1)
    unchanged = (model(images) == images).flatten(1).all(1).double().mean()
    assert unchanged == pytest.approx(0.25, abs=0.1)


def test_sums_that_no_trace_sees_are_refused():
    with pytest.raises(ValueError, match="cannot be traced may be skip connections"):
        drop_branches(nn.Sequential(Plus(), nn.TransformerEncoderLayer(6, 2)), 0.5)
