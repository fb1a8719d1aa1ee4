import pytest
import torch
from torch import nn

from ablations.factors.dropout import Dropout
from modules.build import build_model


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
