import functools

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.functional import relu as rectified

from modules.surgery.written import may_call, written_calls, written_sums

RELU = {"relu", "relu_"}


def outside(x):
    return F.relu(x)


def relu(x):
    return outside(x)


class ByFunction(nn.Module):
    def forward(self, x):
        return F.relu(torch.relu(F.relu_(x)))


class ByMethod(nn.Module):
    def forward(self, x):
        x.relu_()
        return x.sigmoid().relu()


class ByAnotherName(nn.Module):
    def forward(self, x):
        return rectified(x)


class InHelpers(nn.Module):
    def _one(self, x):
        return F.relu(self._two(x))

    @staticmethod
    def _two(x):
        return F.relu(x)

    def forward(self, x):
        return self._one(relu(x))


class InABase(InHelpers):
    def forward(self, x):
        return super().forward(x) if x.sum() else F.relu(x)


class Kept(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu, self.activate, self.partial = nn.ReLU(), F.relu, functools.partial(F.relu, inplace=True)

    def forward(self, x):
        return self.relu(self.activate(self.partial(x)))


class OfAChild(nn.Module):
    def __init__(self):
        super().__init__()
        self.child = InHelpers()

    def forward(self, x):
        return self.child._one(self.child(x))


class Nested(nn.Module):
    def forward(self, x):
        return [F.relu(part) for part in x] + list(map(lambda part: F.relu(part), x))


class Recursive(nn.Module):
    def forward(self, x):
        return self.forward(F.relu(x)) if x.sum() > 0 else x


KINDS = {
    ByFunction: 3,
    ByMethod: 2,
    ByAnotherName: 1,
    InHelpers: 3,
    InABase: 4,
    Kept: 2,
    OfAChild: 2,
    Nested: 2,
    Recursive: 1,
}


@pytest.mark.parametrize(("kind", "count"), KINDS.items())
def test_calls_are_counted_wherever_they_are_written_and_once(kind, count):
    assert written_calls(kind(), RELU) == {"relu": count}


def test_torchs_transformer_layers_are_read_too():
    assert written_calls(nn.TransformerEncoderLayer(4, 2), RELU) == {"relu": 1}


def test_other_functions_are_not_counted():
    assert not written_calls(ByFunction(), {"tanh"})


def test_without_source_the_names_in_the_code_are_counted():
    scope = {"nn": nn, "F": F}
    exec("class Hidden(nn.Module):\n    def forward(self, x):\n        return F.relu(x)", scope)
    assert written_calls(scope["Hidden"](), RELU) == {"relu": 1}


class PassedOn(nn.Module):
    def forward(self, x):
        return torch.utils.checkpoint.checkpoint(F.relu, x, use_reentrant=False)


class ByALocalName(nn.Module):
    def forward(self, x):
        bend = getattr(F, "re" + "lu")
        return bend(x)


class Bend:
    def __call__(self, x):
        return F.relu(x)


bend = Bend()


class ByAnObject(nn.Module):
    def forward(self, x):
        return bend(x)


class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu, self.layers = nn.ReLU(), nn.ModuleList([nn.ReLU()])

    def forward(self, x):
        for index in range(len(self.layers)):
            x = torch.tanh(self.relu(x)).flatten(1) + index
        return x


@pytest.mark.parametrize("kind", [*KINDS, PassedOn, ByALocalName, ByAnObject])
def test_whatever_may_call_a_function_is_known_to(kind):
    assert may_call(kind(), RELU)


def test_what_calls_other_functions_and_children_of_the_name_does_not():
    assert not may_call(Other(), RELU)


class Sums(nn.Module):
    def forward(self, x, y, first=0, last=1):
        x = x + y
        x += y
        x = torch.add(x, y).add(y) + (0.5 - 0.1) / 2
        parts = [x] + [x[:, first + last :]]  # noqa: RUF005
        for index in range(first + last):
            parts += [x + 1, f"{index}" + "a"]
        return x


def test_sums_are_counted_but_not_those_of_constants_indices_and_lists():
    assert written_sums(Sums()) == 4


def test_a_forward_without_source_may_hold_a_sum():
    scope = {"nn": nn}
    exec("class Hidden(nn.Module):\n    def forward(self, x):\n        return x + x", scope)
    assert written_sums(scope["Hidden"]()) == 1
