import copy

import pytest
import torch
from torch import nn

from modules.surgery.replacement import (
    made_once,
    refuse_bound,
    refuse_unregistered,
    replace_modules,
    take_over,
    unregistered,
)

ROWS = torch.randn(5, 4)


class Uses(nn.Module):
    """One module in many places, two of which torch does not know of."""

    def __init__(self):
        super().__init__()
        self.one = self.two = nn.Linear(4, 4)
        self.inner = nn.Sequential(nn.Sequential(self.one), nn.ReLU())
        self.listed, self.named = nn.ModuleList([self.one]), nn.ModuleDict({"one": self.one})
        self.plain = [self.one, (nn.Identity(), self.one)]
        self.table = {"one": self.one}

    def forward(self, x):
        for layer in (
            self.one,
            self.two,
            self.inner,
            self.listed[0],
            self.named["one"],
            self.plain[0],
            self.plain[1][1],
            self.table["one"],
        ):
            x = layer(x)
        return x


def replaced(model, old, new):
    return replace_modules(model, {old: new})


def test_a_module_is_replaced_wherever_it_is():
    model = Uses()
    new = nn.Identity()
    assert replaced(model, model.one, new) is model
    assert {
        model.one,
        model.two,
        model.inner[0][0],
        model.listed[0],
        model.named["one"],
        model.plain[0],
        model.plain[1][1],
        model.table["one"],
    } == {new}
    assert torch.equal(model(ROWS), ROWS.relu())


def test_the_root_is_replaced():
    model, new = nn.Linear(4, 4), nn.Identity()
    assert replaced(model, model, new) is new


def test_a_stand_in_takes_over_mode_dtype_and_device():
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU()).double()
    model[1].eval()
    replaced(model, model[1], nn.PReLU())
    assert model[1].weight.dtype == torch.float64
    assert not model[1].training
    assert model[0].training
    assert replaced(nn.Linear(1, 1, device="meta"), nn.Linear(1, 1), nn.PReLU()).weight.device.type == "meta"


def hooked(module, seen):
    module.register_forward_pre_hook(lambda module, args: seen.append("pre"))
    module.register_forward_pre_hook(lambda module, args, kwargs: seen.append(("pre", *kwargs)), with_kwargs=True)
    module.register_forward_hook(lambda module, args, output: seen.append("post"))
    module.register_forward_hook(lambda module, args, kwargs, output: seen.append(("post", *kwargs)), with_kwargs=True)
    module.register_forward_hook(lambda module, args, output: seen.append("always"), always_call=True)
    module.register_full_backward_pre_hook(lambda module, grads: seen.append("back pre"))
    module.register_full_backward_hook(lambda module, into, out: seen.append(("back", len(into), len(out))))
    return module


def test_every_kind_of_hook_is_handed_on():
    seen, expected = [], []
    hooked(stand_in := nn.Linear(4, 3), expected)
    take_over(hooked(nn.Linear(4, 2), seen), other := copy.deepcopy(nn.Linear(4, 3)), nn.Identity())
    for module in (stand_in, other):
        module(ROWS.clone().requires_grad_()).sum().backward()
    assert seen == expected
    assert len(seen) == 7


def test_a_hook_that_is_always_called_is_called_when_the_stand_in_fails():
    seen = []
    take_over(hooked(nn.Linear(4, 2), seen), other := nn.Linear(9, 3), nn.Identity())
    with pytest.raises(RuntimeError):
        other(ROWS)
    assert seen[-1] == "always"


def test_modules_that_torch_does_not_see_are_found_in_lists_tuples_and_dicts():
    model = Uses()
    model.hidden = [nn.ReLU(), {"deep": (nn.ReLU(), nn.Sequential(nn.ReLU()))}]
    assert unregistered(model, (nn.ReLU,)) == {"ReLU in Uses.hidden": 3}
    with pytest.raises(ValueError, match=r"3 ReLU in Uses.hidden: .* use nn.ModuleList"):
        refuse_unregistered(model, (nn.ReLU,))


def test_a_list_of_what_is_registered_as_well_is_none_of_these():
    refuse_unregistered(Uses(), (nn.Linear, nn.ReLU))


def test_stand_ins_share_what_their_modules_shared_and_nothing_else():
    one, two, three = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)
    two.weight, three.bias = one.weight, two.bias
    made = made_once(
        lambda module: nn.Sequential(nn.Linear(4, 9, bias=False), nn.ReLU(), nn.Linear(9, 4)), [one, two, three]
    )
    first, second, third = made.values()
    assert first[0].weight is second[0].weight
    assert first[2].weight is second[2].weight
    assert second[2].bias is third[2].bias
    assert len({id(p) for stand_in in made.values() for p in stand_in.parameters()}) == 6


def test_stand_ins_of_different_shapes_cannot_share():
    one, two = nn.Linear(4, 4), nn.Linear(4, 4)
    two.weight = one.weight
    sizes = iter((5, 6))
    with pytest.raises(ValueError, match="would have to share a weight"):
        made_once(lambda module: nn.Linear(4, next(sizes)), [one, two])


class Own(nn.Conv2d):
    def forward(self, x):
        return 2 * super().forward(x)


class OwnInside(nn.Conv2d):
    def _conv_forward(self, x, weight, bias):
        return super()._conv_forward(x, weight - weight.mean(), bias)


class Only(nn.Conv2d):
    pass


def conv(kind=nn.Conv2d):
    return kind(2, 2, 3)


def by_hand():
    convolution = conv()
    convolution.forward = lambda x: x
    return convolution


@pytest.mark.parametrize(
    ("convolution", "problem"),
    [
        (conv(Own), "Own '0' has a forward of its own"),
        (conv(OwnInside), "OwnInside '0' has a forward of its own"),
        (by_hand(), "Conv2d '0' has a forward of its own"),
        (nn.utils.parametrizations.weight_norm(conv()), "ParametrizedConv2d '0' computes its weight"),
        (nn.utils.parametrizations.spectral_norm(conv()), "ParametrizedConv2d '0' computes its weight"),
    ],
)
def test_more_than_a_module_of_its_kind_is_refused_by_name(convolution, problem):
    model = nn.Sequential(convolution)
    with pytest.raises(ValueError, match=f"{problem}.*; make it a plain Conv2d"):
        refuse_bound(model, [model[0]], nn.Conv2d)


def test_what_shares_its_weight_with_what_stays_is_refused():
    model = nn.Sequential(conv(), conv())
    model[1].weight = model[0].weight
    refuse_bound(model, list(model), nn.Conv2d)
    with pytest.raises(ValueError, match="Conv2d '0' shares its weight with a Conv2d, which stays"):
        refuse_bound(model, [model[0]], nn.Conv2d)


def test_a_subclass_without_code_of_its_own_is_one_of_its_kind():
    model = conv(Only)
    refuse_bound(model, [model], nn.Conv2d)
