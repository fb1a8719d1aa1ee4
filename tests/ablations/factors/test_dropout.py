import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ablations.factors.dropout import Dropout
from modules.build import build_model
from modules.surgery import NoEffect


def operated(p, model):
    return Dropout(p=p).operate(model, torch.Generator())


def identity(width):
    """A linear layer that passes its input on."""
    layer = nn.Linear(width, width, bias=False)
    nn.init.eye_(layer.weight)
    return layer


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_p_is_the_probability_of_being_dropped_and_survivors_make_up_for_it(p):
    passed = operated(p, identity(200)).train()(torch.ones(100, 200))
    assert (passed == 0).double().mean() == pytest.approx(p, abs=0.02)
    assert torch.allclose(passed[passed != 0], torch.tensor(1 / (1 - p)))


def test_nothing_is_dropped_in_eval_mode():
    ones = torch.ones(10, 20)
    assert torch.equal(operated(0.9, identity(20)).eval()(ones), ones)


def test_every_image_has_a_mask_of_its_own():
    passed = operated(0.5, identity(50)).train()(torch.ones(20, 50))
    assert len({tuple(row) for row in passed.tolist()}) == 20


def test_hidden_units_are_dropped_and_pixels_are_not():
    edited = operated(0.9, nn.Sequential(identity(50), identity(50))).train()
    seen = {}
    for name in ("0", "1"):
        layer = edited.get_submodule(name)
        layer.register_forward_hook(lambda module, args, output, name=name: seen.update({name: output}))
    edited(torch.ones(10, 50))
    assert (seen["0"] == 1).all()
    assert (seen["1"] == 0).any()


def test_lenet_has_it_in_front_of_its_last_two_layers():
    edited = operated(0.5, build_model("lenet5"))
    dropouts = [name for name, module in edited.named_modules() if isinstance(module, nn.Dropout)]
    assert dropouts == ["fc2.dropout", "fc3.dropout"]


def test_a_child_of_that_name_is_not_overwritten():
    layer = identity(4)
    layer.dropout = nn.Identity()
    edited = operated(0.5, layer)
    assert isinstance(edited.dropout, nn.Identity)
    assert isinstance(edited.dropout_, nn.Dropout)


@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5])
def test_probabilities_out_of_range_are_refused(p):
    with pytest.raises(ValueError, match="Input should be"):
        Dropout(p=p)


def rates(model):
    return {name: module.p for name, module in model.named_modules() if isinstance(module, nn.Dropout)}


@pytest.mark.parametrize("model", ["alexnet", "vgg11", "squeezenet", "googlenet"])
def test_a_networks_own_dropout_gets_the_new_p_and_no_other_is_added(model):
    network = build_model(model, image_size=32)
    assert rates(operated(0.3, network)) == dict.fromkeys(rates(network), 0.3)


class Own(nn.Module):
    """As tutorials write it: one module, used twice, registered after the layers."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.three = identity(50), identity(50), identity(50)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.three(self.dropout(self.two(self.dropout(self.one(x)))))


class Functional(Own):
    def __init__(self):
        super().__init__()
        del self.dropout

    def forward(self, x):
        x = F.dropout(self.one(x), 0.5, self.training)
        return self.three(F.dropout(self.two(x), training=self.training))


@pytest.mark.parametrize("kind", [Own, Functional])
def test_dropout_that_is_used_anywhere_is_not_doubled(kind):
    edited = operated(0.2, kind()).train()
    passed = edited(torch.ones(200, 50))
    assert (passed == 0).double().mean() == pytest.approx(1 - 0.8**2, abs=0.02)
    assert torch.equal(edited.eval()(torch.ones(2, 50)), torch.ones(2, 50))
    assert len(rates(edited)) == (kind is Own)


@pytest.mark.parametrize("kind", [Own, Functional])
def test_the_p_that_it_has_is_no_effect(kind):
    with pytest.raises(NoEffect, match="dropout with another p"):
        operated(0.5, kind())


class Opaque(Own):
    def forward(self, x):
        return F.dropout(self.one(x), 0.5) if self.training else self.one(x)


def test_functional_dropout_that_no_trace_sees_is_refused():
    with pytest.raises(NoEffect, match="1 functional dropout call cannot be edited, since the forward of Opaque"):
        operated(0.3, Opaque())


@pytest.mark.parametrize("model", ["lenet5", "alexnet", "squeezenet", "googlenet", "cifar_resnet20", "mlp"])
def test_the_proof_finds_no_more_than_was_declared(proved, model):
    told = proved(Dropout(p=0.3), model)
    assert told[0] == "model.surgeries[dropout]"
    assert {"initial weights equal", "parameters equal"} <= set(told)
