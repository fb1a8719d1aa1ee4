import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn, get_swa_avg_fn, update_bn

from modules.averaging import Average, batch_norms, refresh_norms
from modules.batches import Batches, even_batches
from modules.data.splits import Part
from modules.settings import Averaging

PART = Part(torch.randn(30, 1, 4, 4, generator=torch.Generator().manual_seed(0)) * 3 + 1, torch.arange(30) % 3)
KINDS = {
    "ema": (Averaging(kind="ema", decay=0.8), lambda: get_ema_avg_fn(0.8)),
    "swa": (Averaging(kind="swa", start=0.0), get_swa_avg_fn),
}
every_kind = pytest.mark.parametrize(("how", "theirs"), KINDS.values(), ids=KINDS)


def network():
    return nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 3))


def average(how, of, epochs=10):
    return Average(how, of, epochs, Batches(PART, 10))


def moved(model):
    """As a step leaves it: other weights, and statistics of other images."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter))
    model.train()(torch.randn(8, 1, 4, 4))


def add(ours, how, epoch):
    ours.step_ended()
    ours.epoch_ended(epoch)


def state_of(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@every_kind
def test_averages_are_those_of_torch_buffers_too(how, theirs):
    model = network()
    ours, reference = average(how, model), AveragedModel(model, avg_fn=theirs(), use_buffers=True)
    for epoch in range(1, 8):
        moved(model)
        add(ours, how, epoch)
        reference.update_parameters(model)
    ours.exchange()
    for (name, found), expected in zip(model.state_dict().items(), reference.module.state_dict().values(), strict=True):
        if found.is_floating_point():
            assert torch.allclose(found, expected, atol=1e-6), name
        else:
            assert int(found) == 7, name  # of whole numbers the newest; torch rounds averages of them


@every_kind
def test_numbers_of_several_kinds_are_averaged_each_in_its_own(how, theirs):
    model = nn.ParameterList([torch.ones(2, dtype=kind) for kind in (torch.float16, torch.float32, torch.float64)])
    ours = average(how, model)
    add(ours, how, 1)
    for parameter in model:
        parameter.data.fill_(2)
    add(ours, how, 2)
    ours.exchange()
    expected = 1.2 if how.kind == "ema" else 1.5
    assert [parameter.dtype for parameter in model] == [torch.float16, torch.float32, torch.float64]
    assert all(torch.allclose(parameter.double(), torch.tensor(expected).double(), rtol=1e-3) for parameter in model)


@every_kind
def test_exchanged_twice_both_are_what_they_were(how, theirs):
    model = network()
    ours = average(how, model)
    for epoch in (1, 2, 3):
        moved(model)
        add(ours, how, epoch)
    places = [parameter.data_ptr() for parameter in model.parameters()]
    last = state_of(model)
    ours.exchange()
    averaged = state_of(model)
    assert not same(averaged, last)
    ours.exchange()
    assert same(state_of(model), last)
    ours.exchange()
    assert same(state_of(model), averaged)
    assert places == [parameter.data_ptr() for parameter in model.parameters()]


@pytest.mark.parametrize("how", [Averaging(), Averaging(kind="ema"), Averaging(kind="swa")], ids=["off", "ema", "swa"])
def test_before_anything_was_averaged_the_network_stays_as_it_is(how):
    model = network()
    ours, before = average(how, model), state_of(model)
    ours.epoch_ended(1)
    ours.exchange()
    ours.settle()
    assert same(state_of(model), before)


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 200))
def test_swa_begins_after_a_share_of_the_epochs_and_always_before_the_last(start, epochs):
    ours = average(Averaging(kind="swa", start=start), nn.Linear(1, 1), epochs)
    taken = []
    for epoch in range(1, epochs + 1):
        before = ours.count
        ours.epoch_ended(epoch)
        taken += [epoch] * (ours.count - before)
    assert taken == list(range(taken[0], epochs + 1))
    assert taken[0] == epochs or abs(taken[0] - 1 - start * epochs) <= 0.5


def test_swa_begins_where_the_share_says_however_it_is_rounded():
    assert average(Averaging(kind="swa", start=0.29), nn.Linear(1, 1), 100).first == 30  # 0.29 * 100 < 29


def test_statistics_are_those_of_torchs_update_bn():
    model = network().eval()
    reference = copy.deepcopy(model)
    update_bn(Batches(PART, 10), reference)
    model.train()
    refresh_norms(model, batch_norms(model), Batches(PART, 10))
    assert same(state_of(model), state_of(reference))
    assert int(model[1].num_batches_tracked) == 3


def test_dropout_does_not_move_the_statistics_and_draws_nothing():
    model = network()
    dropping = nn.Sequential(nn.Dropout(0.9), *copy.deepcopy(model))
    drawn = torch.get_rng_state()
    for one in (model, dropping):
        refresh_norms(one, batch_norms(one), Batches(PART, 10))
    assert torch.equal(dropping[2].running_mean, model[1].running_mean)
    assert torch.equal(dropping[2].running_var, model[1].running_var)
    assert torch.equal(torch.get_rng_state(), drawn)


def test_refreshing_leaves_modes_momenta_and_frozen_norms_as_they_were():
    model = nn.Sequential(nn.BatchNorm2d(1, momentum=0.3), nn.BatchNorm2d(1, momentum=None), nn.BatchNorm2d(1))
    model[2].eval()
    model.append(nn.BatchNorm2d(1, track_running_stats=False))
    norms, before = batch_norms(model), state_of(model[2])
    assert norms == [model[0], model[1]]
    model.eval()
    refresh_norms(model, norms, Batches(PART, 10))
    assert not any(module.training for module in model.modules())
    assert [norm.momentum for norm in model] == [0.3, None, 0.1, 0.1]
    assert same(state_of(model[2]), before)
    assert model[0].running_mean.item() == pytest.approx(PART.images.mean().item(), rel=1e-5)


def test_a_rest_of_one_image_neither_fails_nor_counts_as_much_as_a_batch():
    model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(16))
    refresh_norms(model, batch_norms(model), even_batches(PART, 29))
    assert torch.allclose(model[1].running_mean, PART.images.flatten(1).mean(0), atol=1e-6)


def test_settled_norms_fit_the_averaged_weights():
    """As scikit-learn might standardise: what comes out of the norm has mean 0 and spread 1 on the images trained on."""
    model = network()
    ours = average(Averaging(kind="swa", start=0.0), model)
    for epoch in (1, 2):
        moved(model)
        ours.epoch_ended(epoch)
    raw = state_of(model)
    ours.exchange()
    ours.settle()
    with torch.no_grad():
        normalised = model[:2].eval()(PART.images)
    plain = (normalised - model[1].bias.view(3, 1, 1)) / model[1].weight.view(3, 1, 1)
    assert torch.allclose(plain.mean((0, 2, 3)), torch.zeros(3), atol=1e-4)
    assert torch.allclose(plain.std((0, 2, 3)), torch.ones(3), atol=0.05)
    ours.exchange()
    assert same(state_of(model), raw)


def test_only_swa_settles():
    model = network()
    ours = average(Averaging(kind="ema"), model)
    moved(model)
    ours.step_ended()
    before = state_of(model)
    ours.settle()
    assert same(state_of(model), before)
