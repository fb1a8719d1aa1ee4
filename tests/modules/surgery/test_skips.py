"""What is cut is a shorter way around; other sums stay, and what cannot be told is refused."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from modules.build import build_model, parameter_count
from modules.surgery.cutting import cut_skips
from modules.surgery.skips import on_shortcuts, residuals

MAPS = torch.randn(3, 4, 6, 6)


def body():
    return nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1))


class Parts(nn.Module):
    """What the examples below are made of."""

    def __init__(self):
        super().__init__()
        self.body, self.other, self.same = body(), body(), body()
        self.conv, self.norm, self.relu = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()
        self.projection, self.empty = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4)), nn.Sequential()
        self.pool = nn.AvgPool2d(3, 1, padding=1)
        self.position, self.gamma = nn.Parameter(torch.rand(1, 4, 6, 6)), nn.Parameter(torch.rand(4, 1, 1))
        self.weight = nn.Parameter(torch.rand(4, 4, 3, 3))
        self.register_buffer("noise", torch.rand(4, 6, 6))
        self.attend = nn.MultiheadAttention(6, 2, batch_first=True)


class Plus(Parts):
    def forward(self, x):
        return x + self.body(x)


class PlusOnTheOtherSide(Parts):
    def forward(self, x):
        return self.body(x) + x


class InPlace(Parts):
    def forward(self, x):
        y = self.body(x)
        y += x
        return y


class InPlaceOnTheInput(Parts):
    def forward(self, x):
        x = x * 1
        x += self.body(x)
        return x


class ByFunction(Parts):
    def forward(self, x):
        return torch.add(x, self.body(x))


class ByKeyword(Parts):
    def forward(self, x):
        return torch.add(input=x, other=self.body(x))


class ByMethod(Parts):
    def forward(self, x):
        return self.body(x).add_(x)


class BySum(Parts):
    def forward(self, x):
        return sum([x, self.body(x)])


class ByEmptySequential(Parts):
    def forward(self, x):
        return self.body(x) + self.empty(x)


class Projected(Parts):
    def forward(self, x):
        return self.projection(x) + self.body(x)


class PaddedInline(Parts):
    def forward(self, x):
        return self.body(x) + F.pad(x[:, 1:3, ::1], (0, 0, 0, 0, 1, 1))


class InAHelper(Parts):
    def _joined(self, one, other):
        return one + other

    def forward(self, x):
        return self._joined(self.body(x), x)


CUT_TO_BODY = [Plus, PlusOnTheOtherSide, InPlace, InPlaceOnTheInput, ByFunction, ByKeyword, ByMethod, BySum,
               ByEmptySequential, Projected, PaddedInline, InAHelper]  # fmt: skip


@pytest.mark.parametrize("kind", CUT_TO_BODY)
@pytest.mark.parametrize("training", [True, False])
def test_of_a_skip_only_the_branch_is_left(kind, training):
    model = kind().train(training)
    expected = copy.deepcopy(model.body)(MAPS)
    assert cut_skips(model) == 1
    assert torch.equal(model(MAPS), expected)


class Alpha(Parts):
    def forward(self, x):
        return torch.add(x, self.body(x), alpha=0.5)


class AlphaOfTheShortcut(Parts):
    def forward(self, x):
        return torch.add(self.body(x), x, alpha=0.5)


@pytest.mark.parametrize(("kind", "factor"), [(Alpha, 0.5), (AlphaOfTheShortcut, 1.0)])
def test_the_branch_keeps_its_factor(kind, factor):
    model = kind().eval()
    assert cut_skips(model) == 1
    assert torch.equal(model(MAPS), factor * model.body(MAPS))


class PreActivated(Parts):
    def forward(self, x):
        y = self.relu(self.norm(x))
        return self.conv(y) + x


class PreActivatedInPlace(Parts):
    def forward(self, x):
        y = F.relu(self.norm(x), inplace=True)
        shortcut = self.projection(y)
        return self.body(y) + shortcut


class WithDropout(Parts):
    def forward(self, x):
        return x + F.dropout(self.body(F.dropout(x, 0.5, self.training)), 0.5, self.training)


class FunctionalBranch(Parts):
    def forward(self, x):
        return x + F.conv2d(x, self.weight, padding=1)


class LayerScale(Parts):
    def forward(self, x):
        return x + self.gamma * self.body(x)


class Attending(Parts):
    def forward(self, x):
        x = x.flatten(1, 2)
        return x + self.attend(x, x, x)[0]


class Highway(Parts):
    def forward(self, x):
        gate = torch.sigmoid(self.conv(x))
        return gate * self.body(x) + (1 - gate) * x


ONE = {
    PreActivated: lambda m, x: m.conv(m.relu(m.norm(x))),
    PreActivatedInPlace: lambda m, x: m.body(F.relu(m.norm(x))),
    WithDropout: lambda m, x: m.body(x),
    FunctionalBranch: lambda m, x: F.conv2d(x, m.weight, padding=1),
    LayerScale: lambda m, x: m.gamma * m.body(x),
    # One tensor three times: torch projects it in one product, three equal ones in three, with other last bits.
    Attending: lambda m, x: m.attend(*[x.flatten(1, 2)] * 3)[0],
    Highway: lambda m, x: torch.sigmoid(m.conv(x)) * m.body(x),
}


@pytest.mark.parametrize("kind", ONE)
def test_skips_of_every_sort_are_cut(kind):
    model = kind().eval()
    assert cut_skips(model) == 1
    assert torch.equal(model(MAPS), ONE[kind](model, MAPS))


class Nested(Parts):
    def forward(self, x):
        y = x + self.body(x)
        y = y + self.other(y)
        return x + y


class Chained(Parts):
    def forward(self, x):
        x = x + self.body(x)
        x = x + self.other(x)
        return x + self.same(x)


class Inner(Parts):
    def forward(self, x):
        return x + self.body(x + self.conv(x))


class ParallelBranches(Parts):
    """As in GPT-J: neither attention nor what runs beside it is a way around the other."""

    def forward(self, x):
        return x + self.other(x) + self.relu(self.body(x))


class InceptionLike(Parts):
    def forward(self, x):
        return x + (self.body(x) + self.other(x))


MANY = {
    Nested: (3, lambda m, x: m.other(m.body(x))),
    Chained: (3, lambda m, x: m.same(m.other(m.body(x)))),
    Inner: (2, lambda m, x: m.body(m.conv(x))),
    ParallelBranches: (1, lambda m, x: m.other(x) + m.relu(m.body(x))),
    InceptionLike: (1, lambda m, x: m.body(x) + m.other(x)),
}


@pytest.mark.parametrize("kind", MANY)
def test_several_skips_in_one_forward_are_cut(kind):
    model = kind().eval()
    count, expected = MANY[kind]
    assert cut_skips(model) == count
    assert torch.equal(model(MAPS), expected(model, MAPS))


class EqualBranches(Parts):
    def forward(self, x):
        return self.body(x) + self.other(x)


class Position(Parts):
    def forward(self, x):
        return self.relu(x + self.position)


class LearnedPosition(Parts):
    def forward(self, x):
        return self.conv(x) + self.position[:, :, : x.size(2), : x.shape[3]]


class Constant(Parts):
    def forward(self, x):
        return 1 + x + 2.5


class Noise(Parts):
    def forward(self, x):
        return self.conv(x) + torch.randn_like(x) * self.noise


class Zeros(Parts):
    def forward(self, x):
        return self.conv(x) + self.pool(torch.zeros_like(x))


class SharedWeight(Parts):
    def forward(self, x, y=None):
        return F.conv2d(x, self.weight) + F.conv2d(x.new_ones(x.shape), self.weight)


class BothRandom(Parts):
    """The training mode is no fork."""

    def forward(self, x):
        return self.conv(F.dropout(x, 0.5, self.training)) + F.dropout(self.position, 0.5, self.training)


class TwoInputs(Parts):
    def forward(self, x, y):
        return self.body(x) + y


class Polynomial(Parts):
    def forward(self, x):
        return torch.tanh(x + 0.044715 * x**3)


class Concatenated(Parts):
    def forward(self, x):
        return torch.cat([x, self.body(x)], 1)


@pytest.mark.parametrize(
    "kind", [EqualBranches, Position, LearnedPosition, Constant, Noise, Zeros, SharedWeight, BothRandom, TwoInputs, Polynomial, Concatenated]
)  # fmt: skip
def test_sums_that_are_no_skips_stay(kind):
    model = kind()
    assert cut_skips(model) == 0
    assert "forward" not in vars(model)


class Sequenced(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


def test_a_residual_sequential_and_a_stage_with_a_way_around_it_are_cut():
    model = nn.Sequential(Sequenced(Sequenced(*body()), Sequenced(*body())), nn.ReLU()).eval()
    plain = nn.Sequential(nn.Sequential(*model[0][0]), nn.Sequential(*model[0][1])).eval()
    assert cut_skips(model) == 3
    assert torch.equal(model(MAPS), plain(MAPS).relu())


def test_a_block_that_is_shared_is_cut_once():
    block = Plus().eval()
    model = nn.Sequential(block, block)
    assert cut_skips(model) == 1
    assert torch.equal(model(MAPS), block.body(block.body(MAPS)))


def test_modules_on_the_way_around_go_under_all_their_names():
    model = Projected()
    model.alias, count = model.projection, parameter_count(Projected())
    cut_skips(model)
    assert "projection" not in model._modules and "alias" not in model._modules
    assert parameter_count(model) == count - (16 + 4 + 8)


class UsedTwice(Parts):
    def forward(self, x):
        return self.body(self.projection(x)) + self.projection(x)


class PartOfAnother(Parts):
    def forward(self, x):
        return self.body(self.projection(x)) + self.projection[0](x)


@pytest.mark.parametrize("kind", [UsedTwice, PartOfAnother])
def test_modules_that_are_called_elsewhere_stay(kind):
    model = kind().eval()
    assert cut_skips(model) == 1
    assert torch.equal(model(MAPS), model.body(model.projection(MAPS)))


class Vision(nn.Module):
    """A transformer block as people write it."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(6), nn.LayerNorm(6)
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(6, 12), nn.GELU(), nn.Dropout(0.1), nn.Linear(12, 6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norm1(x)
        y, _ = self.attention(y, y, y, need_weights=False)
        x = x + y
        return x + self.mlp(self.norm2(x))


def test_both_skips_of_a_transformer_block_are_cut():
    model, rows = Vision().eval(), torch.rand(2, 5, 6)
    y = model.norm1(rows)
    expected = model.mlp(model.norm2(model.attention(y, y, y, need_weights=False)[0]))
    assert cut_skips(model) == 2
    assert torch.equal(model(rows), expected)


class Opaque(Parts):
    def forward(self, x):
        y = self.body(x)
        return x + y if x.sum() > 0 else y


class OpaqueWithoutSums(Parts):
    def forward(self, x):
        return self.body(x) if x.sum() > 0 else self.other(x)


@pytest.mark.parametrize("kind", [Opaque, lambda: nn.TransformerEncoderLayer(6, 2)])
def test_sums_that_no_trace_sees_are_refused_even_beside_skips_that_can_be_cut(kind):
    model = nn.ModuleList([Plus(), kind()])
    with pytest.raises(
        ValueError, match=r"cannot be traced may be skip connections \(\d+ in (Opaque|Trans.*)\); let that"
    ):
        cut_skips(model)
    assert "forward" not in vars(model[0])


def test_a_forward_without_sums_hides_no_skip():
    assert cut_skips(nn.Sequential(OpaqueWithoutSums(), Plus())) == 1


@pytest.mark.parametrize(
    ("residual", "plain"),
    [("resnet18", "plain18"), ("cifar_resnet20", "cifar_plain20"), ("resnet50", "plain50")],
)
def test_a_residual_network_becomes_its_plain_twin_bit_for_bit(residual, plain):
    model, twin = build_model(residual, classes=10, image_size=32), build_model(plain, classes=10, image_size=32)
    cut_skips(model)
    twin.load_state_dict(model.state_dict())
    images = torch.randn(2, 3, 32, 32)
    for mode in (True, False):
        assert torch.equal(model.train(mode)(images), twin.train(mode)(images))


def test_residuals_are_named_in_the_order_of_registration_with_their_branches():
    model = nn.Sequential(Plus(), Parts(), Chained(), InPlaceOnTheInput())
    found = residuals(model)
    assert [type(module) for module, *_ in found] == [Plus, Chained, InPlaceOnTheInput]
    branches = [[str(skip.branch.target) for skip in skips] for *_, skips in found]
    assert branches == [["body"], ["body", "other", "same"], ["body"]]
    assert [[skip.place for skip in skips] for *_, skips in found] == [[1], [1, 1, 1], [1]]


@pytest.mark.parametrize(("kind", "names"), [(Projected, {"projection", "projection.0", "projection.1"}), (Chained, set()),
                                             (Highway, set()), (UsedTwice, {"projection", "projection.0", "projection.1"}),
                                             (Opaque, set())])  # fmt: skip
def test_what_stands_in_a_way_around_is_told_from_what_stands_in_a_branch(kind, names):
    model = kind()
    around = on_shortcuts(model)
    assert {name for name, module in model.named_modules() if module in around} == names
