import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from modules.checkpoint import Checkpoint
from modules.settings import Stopping


def watched(how, values, name="val_accuracy"):
    """Offers epochs with these values until training stops; the network's one weight is the epoch."""
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    checkpoint = Checkpoint(how, network)
    for epoch, value in enumerate(values, start=1):
        nn.init.constant_(network.weight, epoch)
        checkpoint.offer(epoch, {"val_accuracy": 0.0, "val_loss": 0.0, name: value})
        if checkpoint.stop:
            break
    checkpoint.restore()
    assert network.weight.item() == checkpoint.epoch
    return checkpoint.epoch, epoch


@pytest.mark.parametrize(
    ("patience", "values", "kept", "stopped"),
    [
        (1, [50, 60, 70], 3, 3),
        (1, [50, 60, 60, 90], 2, 3),  # as good is no better
        (2, [50, 60, 55, 61, 60, 60, 90], 4, 6),
        (3, [70, 10, 20, 30, 90], 1, 4),  # the best so far counts, not the last one
        (5, [10, 20], 2, 2),
    ],
)
def test_training_stops_when_patience_is_over_and_the_best_epoch_is_kept(patience, values, kept, stopped):
    assert watched(Stopping(patience=patience), values) == (kept, stopped)
    how = Stopping(patience=patience, monitor="val_loss")
    assert watched(how, [-value for value in values], "val_loss") == (kept, stopped)


@given(st.integers(1, 6), st.lists(st.integers(0, 8), min_size=1, max_size=40), st.booleans())
def test_the_first_best_epoch_is_kept_and_patience_epochs_follow_it(patience, values, loss):
    monitor = "val_loss" if loss else "val_accuracy"
    kept, stopped = watched(Stopping(patience=patience, monitor=monitor), values, monitor)
    seen = values[:stopped]
    assert kept == 1 + seen.index(min(seen) if loss else max(seen))
    assert stopped == min(len(values), kept + patience)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20))
def test_without_patience_the_last_epoch_is_kept_and_nothing_stops(values):
    assert watched(Stopping(), values) == (len(values), len(values))
    assert watched(Stopping(monitor="val_loss"), values, "val_loss") == (len(values), len(values))


@pytest.mark.parametrize("monitor", ["val_accuracy", "val_loss"])
def test_what_is_not_a_number_is_never_the_best(monitor):
    nan = float("nan")
    how = Stopping(patience=3, monitor=monitor)
    assert watched(how, [nan, 50, nan, nan, nan, 60], monitor) == (2, 5)
    assert watched(how, [nan, nan, nan, 60], monitor) == (0, 3)


def test_before_any_epoch_it_holds_what_the_network_began_with():
    network = nn.Linear(2, 2)
    before = network.weight.detach().clone()
    checkpoint = Checkpoint(Stopping(), network)
    nn.init.zeros_(network.weight)
    checkpoint.restore()
    assert checkpoint.epoch == 0
    assert torch.equal(network.weight, before)


def test_buffers_come_back_too_and_tensors_stay_the_ones_that_an_optimizer_knows():
    network = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 3))
    network.register_buffer("seen", torch.zeros(1), persistent=False)
    places = [tensor.data_ptr() for tensor in (*network.parameters(), *network.buffers())]
    checkpoint = Checkpoint(Stopping(), network)
    network(torch.randn(8, 3))
    network.seen.fill_(1)
    checkpoint.offer(1, {})
    taken = {name: tensor.clone() for name, tensor in (*network.named_parameters(), *network.named_buffers())}
    network(5 * torch.randn(8, 3))
    network.seen.fill_(2)
    checkpoint.restore()
    found = dict((*network.named_parameters(), *network.named_buffers()))
    assert all(torch.equal(found[name], tensor) for name, tensor in taken.items())
    assert int(network[0].num_batches_tracked) == 1
    assert places == [tensor.data_ptr() for tensor in found.values()]
