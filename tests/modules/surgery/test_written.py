import functools

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.functional import relu as rectified

from modules.surgery.written import written_calls, written_sums

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


@pytest.mark.parametrize(
    ("kind", "count"),
    [(ByFunction, 3), (ByMethod, 2), (ByAnotherName, 1), (InHelpers, 3), (InABase, 4), (Kept, 2), (OfAChild, 2), (Nested, 2), (Recursive, 1)],
)  # fmt: skip
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
