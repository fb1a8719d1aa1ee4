import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from modules.surgery.dropouts import MAPS, set_dropout

ROWS = torch.ones(200, 50)


class ByFunction(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, self.training)


class ByKeyword(nn.Module):
    def forward(self, x):
        return F.dropout(x, training=self.training)


class ByTorch(nn.Module):
    def forward(self, x):
        return torch.dropout(x, 0.5, self.training)


class ByAttribute(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5

    def forward(self, x):
        return F.dropout(x, p=self.p, training=self.training)


class Opaque(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5) if self.training else x


OWN = [ByFunction, ByKeyword, ByTorch, ByAttribute, lambda: nn.Dropout(0.5)]


@pytest.mark.parametrize("kind", OWN)
def test_dropout_of_every_sort_gets_another_p(kind):
    model = nn.Sequential(kind())
    assert set_dropout(model, 0.1) == (1, 1, {})
    assert (model(ROWS) == 0).double().mean() == pytest.approx(0.1, abs=0.02)
    assert torch.equal(model.eval()(ROWS), ROWS)


@pytest.mark.parametrize("kind", OWN)
def test_the_same_p_changes_nothing(kind):
    model = nn.Sequential(kind())
    assert set_dropout(model, 0.5) == (1, 0, {})
    assert "forward" not in vars(model[0])


def test_dropout_that_is_always_on_stays_on():
    class Always(nn.Module):
        def forward(self, x):
            return F.dropout(x, 0.5)

    model = Always().eval()
    assert set_dropout(model, 0.1) == (1, 1, {})
    assert 0.05 < (model(ROWS) == 0).double().mean() < 0.15


def test_what_is_switched_off_stays_off():
    model = nn.Sequential(nn.Dropout(0.0), nn.Dropout2d(0.5))
    before = copy.deepcopy(model)
    assert set_dropout(model, 0.3) == (0, 0, {})
    assert str(model) == str(before)


class Never(nn.Module):
    """As DenseNet has it: written, and not called where the rate is 0."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        x = F.dropout(x, self.rate, self.training) if self.rate else x
        return x if isinstance(x, torch.Tensor) else x[0]


@pytest.mark.parametrize(("rate", "found", "opaque"), [(0.0, 0, {}), (0.3, 1, {}), (0.2, 1, {"dropout in Never": 1})])
def test_calls_that_no_trace_sees_count_if_a_training_pass_makes_them_with_another_p(rate, found, opaque):
    assert set_dropout(Never(rate), 0.3, ROWS) == (found, 0, opaque)
    assert set_dropout(Never(rate), 0.3) == (0, 0, {"dropout in Never": 1})


def test_dropout_in_attention_is_the_networks_own():
    model = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.1)
    assert set_dropout(model, 0.3) == (4, 4, {})
    assert model.self_attn.dropout == 0.3


def test_calls_that_no_trace_sees_are_counted():
    assert set_dropout(nn.Sequential(Opaque(), nn.Dropout(0.2)), 0.3) == (1, 1, {"dropout in Opaque": 1})


IMAGES = torch.ones(40, 6, 4, 4)


class MapsByFunction(nn.Module):
    def forward(self, x):
        return F.dropout2d(x, 0.5, self.training)


@pytest.mark.parametrize("kind", [MapsByFunction, lambda: nn.Dropout2d(0.5)])
def test_dropout_of_maps_is_a_family_of_its_own(kind):
    model = nn.Sequential(kind(), ByFunction(), nn.Dropout(0.5), nn.TransformerEncoderLayer(4, 2, 8, dropout=0.1))
    assert set_dropout(model, 0.1, family=MAPS) == (1, 1, {})
    passed = model[0](IMAGES).flatten(2)
    assert (passed == passed[..., :1]).all()
    assert (passed == 0).double().mean() == pytest.approx(0.1, abs=0.06)
    assert model[2].p == 0.5


def test_calls_that_drop_maps_and_that_no_trace_sees_are_counted():
    class Opaque(nn.Module):
        def forward(self, x):
            return F.dropout2d(x, 0.5) if self.training else x

    assert set_dropout(Opaque(), 0.3, family=MAPS) == (0, 0, {"dropout2d in Opaque": 1})
    assert set_dropout(Opaque(), 0.5, IMAGES, MAPS) == (1, 0, {})
