import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ablations.factors.activation import Activation
from modules.build import build_model, parameter_count
from modules.surgery import NoEffect
from modules.surgery.activations import KINDS

IMAGES = torch.rand(3, 2, 8, 8)


def operated(model, name="gelu", example=IMAGES):
    return Activation(name=name).operate(model, torch.Generator(), example)


class Mixed(nn.Module):
    """Activations as modules, functions and methods, and what is none."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.head = nn.Conv2d(2, 4, 3), nn.Conv2d(4, 4, 3), nn.Linear(64, 3)
        self.relu, self.soft = nn.ReLU(inplace=True), nn.Softmax(1)

    def forward(self, x):
        x = F.relu(self.relu(self.one(x)), inplace=True)
        x = torch.tanh(self.two(x)).relu()
        return self.soft(F.softmax(self.head(F.dropout(x, 0.0, self.training).flatten(1)), 1))


def by_hand(model, kind):
    act = kind()
    x = act(act(model.one(IMAGES)))
    x = act(act(model.two(x)))
    return F.softmax(F.softmax(model.head(x.flatten(1)), 1), 1)


@pytest.mark.parametrize("name", [name for name in KINDS if name not in ("relu", "tanh")])
def test_all_activations_give_way_to_the_one_named(name):
    model = Mixed()
    edited = operated(model, name)
    assert torch.equal(edited(IMAGES), by_hand(edited, KINDS[name]))
    assert [type(m) for m in edited.modules() if isinstance(m, tuple(KINDS.values()))] == [KINDS[name]] * 4


@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_those_that_are_the_one_named_stay(name):
    edited = operated(Mixed(), name)
    assert torch.equal(edited(IMAGES), by_hand(edited, KINDS[name]))


@pytest.mark.parametrize("model", [nn.ReLU(), nn.Sequential(nn.LeakyReLU(0.3)), nn.Softmax(1), nn.Conv2d(2, 2, 1)])
def test_without_another_one_there_is_no_effect(model):
    with pytest.raises(NoEffect, match="activations that are another one"):
        operated(model, "leaky_relu" if isinstance(model, nn.Sequential) else "relu")


def test_a_functional_call_of_the_one_named_is_no_effect_even_where_no_trace_sees_it():
    class Opaque(nn.Module):
        def forward(self, x):
            return F.relu(x) if x.sum() > 0 else torch.relu_(x)

    with pytest.raises(NoEffect, match="activations that are another one"):
        operated(Opaque(), "relu")
    with pytest.raises(NoEffect, match=r"2 functional relu calls cannot be edited, since the forward of Opaque"):
        operated(nn.Sequential(Opaque(), nn.ReLU()), "gelu")


class Many(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(2, 2, 1)] * 2)

    def forward(self, x):
        for layer in self.layers:
            if x.mean() < 0:
                x = F.relu(x)
            x = F.relu(layer(x))
        return x.relu()


class WhileTraining(nn.Module):
    def forward(self, x):
        return F.relu(x) if self.training else F.relu(torch.relu(x))


@pytest.mark.parametrize("kind", [Many, WhileTraining])
def test_calls_that_no_trace_sees_are_counted_and_nothing_is_half_edited(kind):
    model = nn.Sequential(nn.ReLU(), kind())
    before = str(model)
    with pytest.raises(
        NoEffect, match=rf"3 functional relu calls cannot be edited, since the forward of {kind.__name__}"
    ):
        operated(model)
    assert str(model) == before
    assert "forward" not in vars(model[1])


def test_activations_in_a_plain_list_are_refused():
    model = nn.Sequential(nn.Conv2d(2, 2, 1), nn.ReLU())
    model.spare = [nn.ReLU()]
    with pytest.raises(NoEffect, match=r"1 ReLU in Sequential.spare: .* use nn.ModuleList"):
        operated(model)


class Listing(nn.Module):
    """Registered, and called by a plain list."""

    def __init__(self):
        super().__init__()
        self.conv, self.act = nn.Conv2d(2, 2, 1), nn.ReLU()
        self.steps = [self.conv, self.act]

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return x


def test_a_plain_list_of_registered_modules_is_edited_with_them():
    model = Listing()
    edited = operated(model, "tanh")
    assert torch.equal(edited(IMAGES), torch.tanh(model.conv(IMAGES)))
    assert model.steps[1] is model.act


@pytest.mark.parametrize("root", [nn.ReLU(), nn.Tanh()])
def test_the_root_counts(root):
    assert isinstance(operated(root), nn.GELU)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_prelu_goes_with_the_network_around_it(dtype):
    edited = operated(nn.Sequential(nn.ReLU(), Mixed()).to(dtype).eval(), "prelu")
    assert {p.dtype for p in edited.parameters()} == {dtype}
    assert not any(module.training for module in edited.modules())
    assert parameter_count(edited) == parameter_count(Mixed()) + 5
    meta = operated(Mixed().to("meta"), "prelu", None)
    assert {p.device.type for p in meta.parameters()} == {"meta"}


def test_an_activation_with_code_of_its_own_keeps_the_code_around_the_function():
    """LeCun's 1.7159 tanh(2x/3) is a subclass of nn.Tanh."""
    edited = operated(build_model("lenet5_1998"), "softplus", torch.rand(2, 1, 32, 32))
    assert torch.equal(edited.squash1(IMAGES), 1.7159 * F.softplus(2 / 3 * IMAGES))


def test_transformer_layers_are_edited_in_both_modes():
    model = nn.Sequential(nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True), nn.ReLU())
    rows = torch.rand(2, 5, 8)
    edited = operated(model, "tanh", rows)
    x = edited[0].norm1(rows + model[0].self_attn(rows, rows, rows)[0])
    expected = edited[0].norm2(x + model[0].linear2(torch.tanh(model[0].linear1(x)))).tanh()
    with torch.no_grad():
        assert torch.allclose(edited.eval()(rows), expected, atol=1e-5)


class NeedsItsActivation(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = nn.LeakyReLU(0.1)

    def forward(self, x):
        return self.act(x) * self.act.negative_slope


def test_what_cannot_run_afterwards_is_refused_by_name():
    with pytest.raises(NoEffect, match="NeedsItsActivation '0' cannot take what reaches it"):
        operated(nn.Sequential(NeedsItsActivation()))


def test_a_copy_of_the_edited_network_and_its_weights_travel():
    edited = operated(Mixed(), "prelu")
    twin = operated(Mixed(), "prelu")
    twin.load_state_dict(edited.state_dict())
    assert torch.equal(twin(IMAGES), edited(IMAGES))
    assert torch.equal(copy.deepcopy(edited)(IMAGES), edited(IMAGES))


@pytest.mark.parametrize("model", ["lenet5", "lenet5_1998", "mobilenet_v1", "cifar_resnet20", "alexnet"])
@pytest.mark.parametrize("name", ["prelu", "gelu"])
def test_the_proof_finds_no_more_than_was_declared(proved, model, name):
    told = proved(Activation(name=name), model)
    assert told[0] == "model.surgeries[activation]"
    assert "initial weights equal" in told
