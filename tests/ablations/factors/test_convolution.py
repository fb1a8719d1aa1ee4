import pytest
import torch
from torch import nn

from ablations.factors.convolution import Convolution
from modules.build import parameter_count
from modules.convolutions import KINDS, gain
from modules.surgery import NoEffect

IMAGES = torch.rand(2, 4, 9, 9)


def operated(model, kind="depthwise_separable", example=IMAGES, **settings):
    return Convolution(kind=kind, **settings).operate(model, torch.Generator().manual_seed(0), example)


def plain(**settings):
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(4, 8, 3, **settings), nn.ReLU(), nn.Conv2d(8, 8, 3, **settings))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "settings",
    [{}, {"padding": 1, "stride": 2}, {"padding": "same", "padding_mode": "reflect"}, {"padding": "valid"}, {"dilation": 2, "padding": (2, 1)}, {"bias": False}],
)  # fmt: skip
def test_sizes_biases_and_gains_stay(kind, settings):
    model = plain(**settings)
    edited = operated(model, kind)
    assert edited(IMAGES).shape == model(IMAGES).shape
    for old, new in zip(model[::2], edited[::2], strict=True):
        stages = [module for module in new.modules() if isinstance(module, nn.Conv2d)]
        assert torch.allclose(gain(stages[-1]), gain(old))
        assert (stages[-1].bias is None) == (old.bias is None)
        assert old.bias is None or torch.equal(stages[-1].bias, old.bias)


def counted(k, inside, outside, groups=2):
    """The weights of each kind by its formula, with the bias."""
    table = {
        "pointwise": inside * outside,
        "grouped": k * k * inside * outside // groups,
        "shuffled_group": k * k * inside * outside // groups,
        "depthwise": k * k * outside,
        "depthwise_separable": k * k * inside + inside * outside,
        "spatially_separable": k * inside * outside + k * outside * outside,
    }
    return {kind: weights + outside for kind, weights in table.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_those_of_the_table(kind):
    assert parameter_count(operated(plain(), kind)) == counted(3, 4, 8)[kind] + counted(3, 8, 8)[kind]


@pytest.mark.parametrize(
    ("kind", "channels", "changed"),
    [
        ("depthwise", 1, [False, True]),
        ("grouped", 1, [False, True]),
        ("depthwise_separable", 1, [True, True]),
        ("grouped", 3, [False, True]),
    ],
)
def test_those_that_a_kind_cannot_stand_in_for_stay(kind, channels, changed):
    model = nn.Sequential(nn.Conv2d(channels, 8, 3), nn.Conv2d(8, 8, 3))
    edited = operated(model, kind, torch.rand(2, channels, 9, 9))
    assert [not (type(new) is nn.Conv2d and new.groups == 1) for new in edited] == changed


@pytest.mark.parametrize(
    "model",
    [
        nn.Conv2d(4, 4, 1),
        nn.Conv2d(4, 4, 3, groups=2),
        nn.Conv1d(4, 4, 3),
        nn.ConvTranspose2d(4, 4, 3),
        nn.Linear(4, 4),
    ],
)
def test_without_standard_convolutions_there_is_no_effect(model):
    with pytest.raises(NoEffect, match="standard convolutions"):
        operated(model, example=None)


def test_groups_that_divide_no_channels_have_no_effect():
    with pytest.raises(NoEffect, match="standard convolutions"):
        operated(plain(), "grouped", groups=3)


def test_a_root_with_hooks_keeps_them():
    model, seen = nn.Conv2d(4, 8, 3), []
    model.register_forward_hook(lambda module, args, output: seen.append(output.shape))
    operated(model.eval(), example=None)(IMAGES)
    assert seen == [(2, 8, 7, 7)]
    assert not operated(model).training


def test_a_shared_convolution_is_swapped_everywhere_and_stays_shared():
    conv = nn.Conv2d(4, 4, 3, padding=1)
    edited = operated(nn.Sequential(conv, nn.Sequential(conv)))
    assert edited[0] is edited[1][0]
    assert isinstance(edited[0], nn.Sequential)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", [{"padding": 1}, {"padding": 0}, {"padding": 1, "stride": 2}])
def test_tied_weights_stay_tied_and_biases_their_own(kind, other):
    model = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, **other))
    model[1].weight = model[0].weight
    edited = operated(model, kind)
    first, second = ([m for m in one.modules() if isinstance(m, nn.Conv2d)] for one in edited)
    assert all(one.weight is two.weight for one, two in zip(first, second, strict=True))
    assert torch.equal(second[-1].bias, model[1].bias)
    assert edited(IMAGES).shape == model(IMAGES).shape


def test_a_weight_that_is_shared_with_what_stays_is_refused():
    model = nn.Sequential(nn.Conv2d(4, 4, 3), nn.ConvTranspose2d(4, 4, 3))
    model[1].weight = model[0].weight
    with pytest.raises(NoEffect, match="Conv2d '0' shares its weight with a ConvTranspose2d, which stays"):
        operated(model)


class Standardised(nn.Conv2d):
    def forward(self, x):
        weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
        return self._conv_forward(x, weight, self.bias)


class Padded(nn.Conv2d):
    def __init__(self, channels_in, channels):
        super().__init__(channels_in, channels, 3, padding=1)


@pytest.mark.parametrize(
    ("conv", "message"),
    [
        (Standardised(4, 4, 3), "Standardised '1' has a forward of its own; make it a plain Conv2d"),
        (nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 4, 3)), "ParametrizedConv2d '1' computes its weight"),
        (nn.utils.parametrizations.orthogonal(nn.Conv2d(4, 4, 3)), "ParametrizedConv2d '1' computes its weight"),
    ],
)
def test_more_than_a_plain_convolution_is_refused_by_name(conv, message):
    with pytest.raises(NoEffect, match=message):
        operated(nn.Sequential(nn.Conv2d(4, 4, 3), conv))


@pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated")
def test_a_weight_normed_by_hooks_is_refused_too():
    with pytest.raises(ValueError, match="cannot be edited, since it cannot be copied"):
        operated(nn.utils.weight_norm(nn.Conv2d(4, 4, 3)))


def test_a_subclass_that_only_sets_arguments_is_swapped():
    edited = operated(nn.Sequential(Padded(4, 4)))
    assert isinstance(edited[0], nn.Sequential)


class Peeking(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3)

    def forward(self, x):
        return self.conv(x.to(self.conv.weight.dtype))


def test_a_forward_that_reads_the_convolution_is_refused_by_name():
    with pytest.raises(NoEffect, match="Peeking '0' cannot take what reaches it"):
        operated(nn.Sequential(Peeking()))


def test_convolutions_in_a_plain_list_are_refused():
    model = plain()
    model.spare = {"one": nn.Conv2d(4, 4, 3)}
    with pytest.raises(NoEffect, match=r"1 Conv2d in Sequential\.spare"):
        operated(model)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_dtype_and_device_are_carried(dtype):
    edited = operated(plain().to(dtype))
    assert {p.dtype for p in edited.parameters()} == {dtype}
    assert {p.device.type for p in operated(plain().to("meta")).parameters()} == {"meta"}


def test_draws_come_from_the_stream_given():
    state = torch.get_rng_state()
    one, two = operated(plain()), operated(plain())
    assert not torch.equal(torch.get_rng_state(), state)  # by the plain networks alone
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    other = Convolution().operate(plain(), torch.Generator().manual_seed(1), IMAGES)
    assert not torch.equal(other[0].depthwise.weight, one[0].depthwise.weight)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", ["lenet5", "lenet5_1998", "cifar_resnet20", "alexnet"])
def test_the_proof_finds_no_more_than_was_declared(proved, kind, model):
    try:
        told = proved(Convolution(kind=kind), model)
    except NoEffect:
        assert model == "lenet5_1998" or (kind, model) in {("depthwise", "lenet5"), ("depthwise", "alexnet")}
        return
    assert told[0] == "model.surgeries[convolution]"
    assert not any("redrawn" in line for line in told)
