"""Every network's arithmetic, against published fields and counts, against gradients, and against torch."""

import pytest
import torch
from torch import nn

from modules.catalog import MODELS
from modules.handwork import formulas
from modules.handwork.arithmetic import model_arithmetic, network_arithmetic
from tests.modules.handwork.nets import SMOOTH, Asked, Patched, Rows, Shared, Stretched, Tokens

SMALL = {"classes": 10, "channels": 1, "image_size": 32}
LIKE_OTHERS = (
    "13",
    "16",
    "19",
    "32",
    "34",
    "44",
    "56",
    "101",
    "110",
    "152",
    "plain18",
    "plain50",
    "resnet50",
    "one_column",
)
"""Networks that differ from another one in depth alone."""
SIDE = 26


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] * n.endswith(LIKE_OTHERS)) for n in MODELS])
def test_every_network_of_the_zoo_agrees_with_a_pass(name):
    found = model_arithmetic(name, SMALL)
    assert not found.wrong and not found.others
    lost = next((row.kind for row in found.rows if row.field is None), "none")
    assert lost == ("MaxUnpool" if name == "segnet" else "none")  # where values go back to is not known beforehand
    assert any(row.formula for row in found.rows)


@pytest.mark.parametrize(
    ("name", "field"),
    [("alexnet_one_column", 195), ("mobilenet_v1", 315), pytest.param("vgg16", 212, marks=pytest.mark.slow)],
)
def test_fields_are_those_that_were_published(name, field):
    """Araujo, Norris and Sim 2019, Computing receptive fields of convolutional neural networks, table 1."""
    found = model_arithmetic(name, {})
    last = [row for row in found.rows if len(row.shape) == 3 and row.shape[1] > 1][-1]
    assert (last.field, last.jump) == ((field, field), ("32", "32"))
    assert (found.parameters, found.macs) == (MODELS[name].parameters, MODELS[name].macs)


def test_lenet_is_worked_out_as_in_the_lecture():
    rows = {row.name: row for row in model_arithmetic("lenet5", {}).rows}
    assert rows["conv1"].formula == "(32 + 2*0 - 1*(5-1) - 1)/1 + 1 = 28"
    assert [rows[name].field[0] for name in ("conv1", "pool1", "conv2", "pool2", "fc1")] == [5, 6, 14, 16, 32]
    assert [rows[name].parameters for name in ("conv1", "conv2", "fc1", "fc2", "fc3")] == [156, 2416, 48120, 10164, 850]
    assert rows["relu1"].formula is None


@pytest.mark.parametrize("name", SMOOTH)
def test_fields_are_what_gradients_reach(name):
    torch.manual_seed(1)
    network = SMOOTH[name]().double().eval()
    found = network_arithmetic(network, (2, SIDE, SIDE))
    assert not found.wrong
    reached = _reached(network)
    field = found.rows[-1].field
    assert tuple(min(one, SIDE) for one in field) == reached, (field, reached)


def _reached(network):
    """Pixels, down and across, from the first to the last that a number depends on, the most of any."""
    image = torch.randn(1, 2, SIDE, SIDE, dtype=torch.float64, requires_grad=True)
    output = network(image)
    output = output if output.dim() == 4 else output[..., None, None]
    most = [0, 0]
    down, across = output.shape[2:]
    for place in range(max(down, across)):
        number = output[0, :, min(place, down - 1), min(place, across - 1)].sum()
        (slope,) = torch.autograd.grad(number, image, retain_graph=True)
        touched = slope[0].abs().sum(0) > 0
        for axis, places in enumerate((touched.any(1), touched.any(0))):
            at = places.nonzero().flatten()
            most[axis] = max(most[axis], int(at.max() - at.min() + 1) if len(at) else 0)
    return tuple(most)


def test_what_is_written_into_a_part_of_a_tensor_is_not_followed():
    rows = {row.name: row for row in network_arithmetic(Patched(), (2, 8, 8)).rows}
    assert rows["conv"].field == (3, 3)
    assert rows["last"].field is None and rows["last"].formula


@pytest.mark.parametrize("kind", [Stretched, Rows])
def test_what_is_not_in_the_tables_is_never_guessed(kind):
    assert network_arithmetic(kind(), (2, 8, 8)).rows[-1].field is None


def test_operations_without_a_formula_are_counted_apart():
    found = network_arithmetic(Tokens(), (2, 8, 8))
    assert not found.wrong
    assert found.others > 0
    assert found.rows[-1].field is None
    assert sum(row.parameters for row in found.rows) + found.uncalled == found.parameters


def test_a_size_that_is_asked_for_has_no_formula():
    found = network_arithmetic(Asked(), (2, 8, 8))
    assert [row.formula is None for row in found.rows] == [False, True]
    assert not found.wrong and found.rows[-1].shape == (2, 8, 8) and found.others == 36 * 16


def test_a_layer_that_is_called_twice_counts_its_parameters_once():
    found = network_arithmetic(Shared(), (2, 8, 8))
    assert [row.parameters for row in found.rows] == [38, 0]
    assert [row.field for row in found.rows] == [(3, 3), (5, 5)]
    assert (found.uncalled, found.wrong) == (40, [])


def test_a_layer_with_two_names_is_one_layer():
    network = nn.Sequential(nn.Conv2d(2, 2, 3), nn.ReLU())
    network.again = network[0]
    found = network_arithmetic(network, (2, 9, 9))
    assert not found.wrong and not found.others
    assert [row.parameters for row in found.rows if row.parameters] == [38]


def test_a_layer_that_two_parts_share_is_one_layer():
    conv = nn.Conv2d(2, 2, 3)
    found = network_arithmetic(nn.Sequential(nn.Sequential(conv, nn.ReLU()), nn.Sequential(conv)), (2, 9, 9))
    assert not found.wrong and not found.others
    assert [(row.name, row.parameters) for row in found.rows if row.kind == "Conv2d"] == [("0.0", 38), ("0.0", 0)]


def test_a_network_may_be_one_layer():
    found = network_arithmetic(nn.Conv2d(2, 2, 3), (2, 9, 9))
    assert [(row.name, row.macs) for row in found.rows] == [("(network)", 36 * 49)] and not found.wrong


@pytest.mark.parametrize("size", [5, 6, 7, 8, 9])
def test_pools_that_round_up_leave_out_a_window_that_would_begin_behind_the_image(size):
    network = nn.Sequential(nn.MaxPool2d(2, 3, padding=1, ceil_mode=True), nn.MaxPool2d(1, 1, ceil_mode=True))
    assert not network_arithmetic(network, (1, size, size)).wrong


def test_a_formula_that_is_wrong_is_said_and_where(monkeypatch):
    monkeypatch.setattr(formulas, "output_size", lambda *geometry: 5)
    wrong = model_arithmetic("lenet5", {}).wrong
    assert any(line.startswith("conv1: 6 x 5 x 5 by formula, 6 x 28 x 28 seen") for line in wrong)
    assert any(line.startswith("MACs: ") for line in wrong)


def test_macs_that_are_wrong_are_said_and_where(monkeypatch):
    monkeypatch.setattr(formulas, "grouped_weights", lambda *channels: 7)
    wrong = model_arithmetic("lenet5", {}).wrong
    assert wrong[0].startswith("conv1: 137,200 MACs by formula, 117,600 counted by torch")


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("lenet", {}, "did you mean lenet5"),
        ("lenet5", {"depth": 3}, "'depth': a model of the zoo takes classes, channels, image_size"),
        ("lenet5", {"image_size": "big"}, "image_size must be a whole number of 1 or more, not 'big'"),
        ("lenet5", {"image_size": 8}, "needs images of 16 pixels or more"),
        ("tests.modules.handwork.nets:Branches", {}, "cannot take images of shape"),
    ],
)
def test_what_cannot_be_worked_out_is_said(name, settings, says):
    with pytest.raises(ValueError, match=says):
        model_arithmetic(name, settings)


def test_anybodys_model_is_worked_out():
    found = model_arithmetic("tests.modules.handwork.nets:Hourglass", {"channels": 2})
    assert found.image == (2, 28, 28) and not found.wrong
