import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from modules.surgery.activations import NAMES, activation_call
from modules.surgery.calls import read_results, replace_calls

ROWS = torch.randn(5, 4)


class One(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.bend = nn.Linear(4, 4), nn.ReLU(inplace=True)


class ByFunction(One):
    def forward(self, x):
        return F.relu(self.layer(x))


class ByKeyword(One):
    def forward(self, x):
        return F.relu(input=self.layer(x))


class ByMethod(One):
    def forward(self, x):
        return self.layer(x).relu()


class InPlace(One):
    def forward(self, x):
        return F.relu(self.layer(x), inplace=True)


class AsAStatement(One):
    def forward(self, x):
        x = self.layer(x)
        x.relu_()
        return x


class AsAFunctionStatement(One):
    def forward(self, x):
        x = self.layer(x)
        torch.relu_(x)
        return x + 0


class BehindItsBack(One):
    """What worked in place is read under another name: pre-activation with a careless identity."""

    def forward(self, x):
        x = self.layer(x)
        y = F.relu_(x)
        return self.layer(y) + x


class InAHelper(One):
    def _bent(self, x):
        return F.relu(x)

    def forward(self, x):
        return self._bent(self.layer(x))


class AsAnAttribute(One):
    def __init__(self):
        super().__init__()
        self.function = F.relu

    def forward(self, x):
        return self.function(self.layer(x))


class OfAModuleUsedTwice(One):
    def __init__(self):
        super().__init__()
        self.inner = ByFunction()

    def forward(self, x):
        return self.inner(self.inner(x))


class AsAModuleStatement(One):
    def forward(self, x):
        x = self.layer(x)
        self.bend(x)
        return x


def replaced(model, kind=nn.ReLU):
    edited = copy.deepcopy(model)
    return edited, replace_calls(edited, lambda node: kind() if activation_call(node) else None, NAMES)


EVERY = [ByFunction, ByKeyword, ByMethod, InPlace, AsAStatement, AsAFunctionStatement, BehindItsBack, InAHelper,
         AsAnAttribute, OfAModuleUsedTwice]  # fmt: skip


@pytest.mark.parametrize("kind", EVERY)
def test_the_same_function_as_a_module_changes_no_number(kind):
    model = kind()
    edited, came = replaced(model)
    assert came == (1, {})
    assert torch.equal(edited(ROWS), model(ROWS))
    assert sum(isinstance(module, nn.ReLU) and not module.inplace for module in edited.modules()) == 1


@pytest.mark.parametrize("kind", EVERY)
def test_another_function_is_called_in_its_place(kind):
    edited, _ = replaced(kind(), lambda: nn.Threshold(100.0, 7.0))
    seen = []
    next(m for m in edited.modules() if isinstance(m, nn.Threshold)).register_forward_hook(lambda *_: seen.append(1))
    assert not torch.equal(edited(ROWS), replaced(kind())[0](ROWS))
    assert len(seen) == (2 if kind is OfAModuleUsedTwice else 1)


class OfAView(One):
    def forward(self, x):
        x = self.layer(x)
        F.relu_(x[:, :2])
        return x


class Twice(One):
    def forward(self, x):
        x = F.relu(torch.relu_(self.layer(x)))
        return x.relu() if x.sum() > 0 else x


def test_a_result_that_nothing_reads_cannot_be_replaced():
    assert replaced(OfAView())[1].opaque == {"relu in OfAView": 1}


def test_calls_that_no_trace_sees_are_counted_with_their_place():
    assert replaced(nn.Sequential(Twice(), Twice()))[1] == (0, {"relu in Twice": 6})


def test_names_that_are_taken_stay():
    model = ByFunction()
    model.relu = nn.Identity()
    edited, _ = replaced(model)
    assert isinstance(edited.relu, nn.Identity)
    assert isinstance(edited.relu_, nn.ReLU)


def test_a_module_without_weights_is_like_the_network_around_it():
    class Bare(nn.Module):
        def forward(self, x):
            return F.relu(x)

    edited, _ = replaced(nn.Sequential(nn.Linear(4, 4), Bare()).double().eval(), nn.PReLU)
    assert edited[1].relu.weight.dtype == torch.float64
    assert not edited[1].relu.training
    assert edited(ROWS.double()).dtype == torch.float64


def test_a_module_in_place_whose_result_is_not_read_is_read_afterwards():
    model = AsAModuleStatement()
    edited = copy.deepcopy(model)
    assert not read_results(edited, (nn.ReLU,))
    edited.bend = nn.ReLU()
    assert torch.equal(edited(ROWS), model(ROWS))


def test_a_module_in_place_on_a_view_is_counted():
    class OfAViewByModule(One):
        def forward(self, x):
            x = self.layer(x)
            self.bend(x[:, :2])
            return x

    assert read_results(OfAViewByModule(), (nn.ReLU,)) == {"ReLU in OfAViewByModule": 1}
