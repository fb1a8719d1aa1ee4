"""Widths are multiplied whatever the graph, and the network's answers keep theirs."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from modules.build import build_model, parameter_count
from modules.outputs import read_output
from modules.surgery.widening import heads, scale_width

IMAGES = torch.rand(2, 3, 8, 8)


def scaled(model, multiplier=0.5, images=IMAGES):
    edited = copy.deepcopy(model)
    changed = scale_width(edited, multiplier, torch.Generator().manual_seed(0), images)
    return edited, changed


def widths(model):
    return [
        tuple(layer.weight.shape[:2])
        for layer in model.modules()
        if isinstance(layer, nn.Conv2d | nn.Linear | nn.ConvTranspose2d)
    ]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([nn.Conv2d(3, 8, 3), nn.Conv2d(8, 6, 1), nn.Flatten(), nn.Linear(216, 10)], [(4, 3), (3, 4), (10, 108)]),
        ([nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 4, 1)], [(4, 3), (4, 1), (4, 4)]),
        ([nn.Conv2d(3, 8, 3), nn.Conv2d(8, 16, 3, groups=8), nn.Conv2d(16, 4, 1)], [(4, 3), (8, 1), (4, 8)]),
        ([nn.Conv2d(3, 8, 3), nn.Conv2d(8, 12, 3, groups=2), nn.Conv2d(12, 4, 1)], [(4, 3), (6, 2), (4, 6)]),
        ([nn.Conv2d(3, 8, 3), nn.ConvTranspose2d(8, 6, 2, stride=2), nn.Conv2d(6, 4, 1)], [(4, 3), (4, 3), (4, 3)]),
        ([nn.Conv2d(3, 8, 3), nn.ConvTranspose2d(8, 6, 2, groups=2), nn.Conv2d(6, 4, 1)], [(4, 3), (4, 2), (4, 4)]),
        ([nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.PReLU(8), nn.Conv2d(8, 4, 1)], [(4, 3), (4, 4)]),
        ([nn.Conv2d(3, 8, 3), nn.GroupNorm(4, 8), nn.PReLU(), nn.Conv2d(8, 4, 1)], [(4, 3), (4, 4)]),
        ([nn.Conv2d(3, 8, 3), nn.InstanceNorm2d(8, affine=True, track_running_stats=True), nn.Conv2d(8, 4, 1)], [(4, 3), (4, 4)]),
        ([nn.Conv2d(3, 8, 3), nn.InstanceNorm2d(8), nn.Conv2d(8, 4, 1)], [(4, 3), (4, 4)]),
        ([nn.Flatten(), nn.Linear(192, 8), nn.LayerNorm(8), nn.Linear(8, 10)], [(4, 192), (10, 4)]),
        ([nn.Flatten(), nn.Linear(192, 8), nn.LayerNorm(8, elementwise_affine=False), nn.Linear(8, 10)], [(4, 192), (10, 4)]),
        ([nn.Flatten(2), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 10)], [(4, 64), (10, 4)]),
    ],
)  # fmt: skip
def test_layers_of_every_sort_are_resized(layers, expected):
    model = nn.Sequential(*layers)
    edited, changed = scaled(model)
    assert widths(edited) == expected
    assert changed > 0
    assert edited(IMAGES).shape == model(IMAGES).shape
    assert edited.eval()(IMAGES).isfinite().all()
    for layer in edited:
        written = eval(f"nn.{layer}")  # what it prints is true of what it holds
        assert {n: p.shape for n, p in written.state_dict().items()} == {
            n: p.shape for n, p in layer.state_dict().items()
        }


@pytest.mark.parametrize(("multiplier", "width"), [(0.01, 1), (0.5, 4), (1.1, 9), (2, 16)])
def test_widths_are_rounded_and_never_nothing(multiplier, width):
    edited, _ = scaled(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(288, 10)), multiplier)
    assert edited[0].out_channels == width


@pytest.mark.parametrize("multiplier", [0.99, 1.05])
def test_a_multiplier_that_rounds_to_nothing_changes_nothing(multiplier):
    assert scaled(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 5, 3)), multiplier)[1] == 0


@pytest.mark.parametrize("model", [nn.Linear(8, 5), nn.Conv2d(3, 5, 1), nn.Sequential(nn.ReLU())])
def test_the_only_layer_is_the_answer_and_stays(model):
    assert scaled(model)[1] == 0


def test_gain_is_kept_whatever_the_initialisation_was():
    """The spread that white input has behind the layer, which is its weights' times sqrt(fan-in)."""
    model = nn.Sequential(nn.Linear(400, 600), nn.Linear(600, 400), nn.Linear(400, 10))
    nn.init.normal_(model[1].weight, std=0.3)
    for multiplier in (0.25, 0.5, 2):
        edited, _ = scaled(model, multiplier, torch.rand(2, 400))
        for old, new in zip(model, edited, strict=True):
            assert (new.weight.std() * new.in_features**0.5).item() == pytest.approx(
                (old.weight.std() * old.in_features**0.5).item(), rel=0.1
            )
        assert set(edited[0].weight.flatten().tolist()) <= set(model[0].weight.flatten().tolist())


def test_a_layer_whose_size_stays_keeps_its_numbers_and_frozen_ones_stay_frozen():
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 3))
    model[0].weight.requires_grad_(False)
    edited, _ = scaled(model)
    assert torch.equal(edited[1].bias, model[1].bias)
    assert not edited[0].weight.requires_grad
    assert edited[1].weight.requires_grad


class Branches(nn.Module):
    """Sums, concatenations, a projection, and answers at two places while training."""

    def __init__(self):
        super().__init__()
        self.stem, self.one, self.two = nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 6, 1)
        self.side, self.head = nn.Linear(8, 5), nn.Linear(14, 5)

    def forward(self, x):
        x = self.stem(x)
        x = x + self.one(x)
        logits = self.head(torch.cat([x, self.two(x)], 1).mean((2, 3)))
        return (logits, self.side(x.mean((2, 3)))) if self.training else logits


def test_sums_concatenations_and_side_answers_fit():
    model = Branches().eval()
    assert heads(model, IMAGES) == {model.head, model.side}
    edited, changed = scaled(model)
    assert changed == 3
    assert widths(edited) == [(4, 3), (4, 4), (3, 4), (5, 4), (5, 7)]
    assert [answer.shape for answer in edited.train()(IMAGES)] == [(2, 5), (2, 5)]
    assert not scaled(model)[0].training


class Answers(Branches):
    def __init__(self, wrap):
        super().__init__()
        self.wrap = wrap

    def forward(self, x):
        return self.wrap(self.head(torch.cat([self.stem(x), self.two(self.stem(x))], 1).mean((2, 3))))


class Held:
    def __init__(self, logits):
        self.logits = logits


@pytest.mark.parametrize("wrap", [lambda x: {"logits": x}, lambda x: (x, {"deep": [x]}), Held, lambda x: x])
def test_answers_are_found_in_whatever_is_returned(wrap):
    edited, _ = scaled(Answers(wrap))
    assert edited.head.out_features == 5
    assert edited.stem.out_channels == 4


@pytest.mark.parametrize("frozen", ["stem", "head", ""])
def test_answers_are_found_behind_frozen_layers(frozen):
    model = Branches()
    model.get_submodule(frozen).requires_grad_(False)
    assert heads(model, IMAGES) == {model.head, model.side}


def test_a_first_layer_that_works_in_place_on_the_image_is_no_trouble():
    model = nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(3, 8, 3), nn.ReLU(inplace=True), nn.Conv2d(8, 4, 1))
    assert scaled(model, images=IMAGES.clone())[1] == 1


def test_a_layer_used_twice_is_resized_once_and_stays_shared():
    shared = nn.Conv2d(8, 8, 1)
    model = nn.Sequential(nn.Conv2d(3, 8, 1), shared, nn.ReLU(), shared, nn.Conv2d(8, 4, 1))
    edited, changed = scaled(model)
    assert changed == 2
    assert edited[1] is edited[3]
    assert edited(IMAGES).shape == (2, 4, 8, 8)


def test_tied_weights_stay_tied():
    model = nn.Sequential(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 4, 1))
    model[2].weight = model[1].weight
    edited, _ = scaled(model)
    assert edited[2].weight is edited[1].weight
    assert edited[2].weight.shape == (4, 4, 1, 1)


def test_ties_that_cannot_hold_are_refused():
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 192), nn.Linear(192, 192), nn.Linear(192, 4))
    model[2].weight = model[1].weight
    with pytest.raises(ValueError, match=r"Linear '2' cannot take .* shares its weight .* untie the two"):
        scaled(model)


class Viewed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 8, 3), nn.Linear(288, 5)

    def forward(self, x):
        return self.fc(self.conv(x).view(-1, 288))


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.gamma, self.head = nn.Conv2d(3, 8, 3), nn.Parameter(torch.ones(8, 1, 1)), nn.Conv2d(8, 5, 1)

    def forward(self, x):
        return self.head(self.gamma * self.conv(x))


class Attending(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.attend, self.head = (
            nn.Linear(8, 8),
            nn.MultiheadAttention(8, 2, batch_first=True),
            nn.Linear(8, 5),
        )

    def forward(self, x):
        x = self.embed(x.flatten(1, 2))
        return self.head(self.attend(x, x, x)[0].mean(1))


def computed():
    return nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 8, 3)), nn.Conv2d(8, 4, 1))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Viewed(), r"Linear 'fc' cannot take .* a forward holds a fixed width, as in view\(-1, 400\); let it use flatten"),
        (nn.Sequential(nn.Identity(), Scaled()), "Scaled '1' cannot take"),
        (Attending(), "MultiheadAttention 'attend' cannot take"),
        (computed(), "ParametrizedConv2d '0' cannot take .* computes its weight"),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.LayerNorm((8, 6, 6)), nn.Conv2d(8, 4, 1)), "LayerNorm '1' .* several dimensions"),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(8, 8), nn.Conv2d(8, 4, 1)), "GroupNorm '1' cannot take"),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.PixelShuffle(2), nn.Unflatten(1, (1, 2)), nn.Flatten(), nn.Linear(288, 4)), "Unflatten '2'"),
    ],
)  # fmt: skip
def test_what_is_fixed_is_refused_by_name(model, message):
    with pytest.raises(ValueError, match=message):
        scaled(model)


def test_a_batch_that_a_fixed_view_happens_to_fit_is_seen_through():
    """Half the width, so that two images of 144 numbers look like one of 288."""
    edited = copy.deepcopy(Viewed())
    with pytest.raises(ValueError, match="Linear 'fc'"):
        scale_width(edited, 0.5, torch.Generator(), IMAGES)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_dtype_is_carried(dtype):
    edited, _ = scaled(build_model("lenet5").to(dtype), images=torch.rand(2, 1, 32, 32))
    assert {p.dtype for p in edited.parameters()} == {dtype}


def test_a_network_on_the_meta_device_is_resized_there():
    edited, _ = scaled(build_model("lenet5").to("meta"), images=torch.rand(2, 1, 32, 32))
    assert edited.fc1.weight.shape == (60, 200)
    assert {p.device.type for p in edited.parameters()} == {"meta"}


def test_groups_without_a_common_multiple_below_the_widths_each_have_their_own():
    """As in RegNets, whose 3, 7, 19 and 46 groups would want widths of 18,354."""
    model = nn.Sequential(nn.Conv2d(3, 24, 1), nn.Conv2d(24, 24, 1, groups=3), nn.Conv2d(24, 56, 1),
                          nn.Conv2d(56, 56, 1, groups=7), nn.Conv2d(56, 22, 1, groups=1), nn.Conv2d(22, 22, 1, groups=11),
                          nn.Conv2d(22, 5, 1))  # fmt: skip
    edited, _ = scaled(model)
    assert widths(edited) == [(12, 3), (12, 4), (28, 12), (28, 4), (11, 28), (11, 1), (5, 11)]
    assert edited(IMAGES).shape == (2, 5, 8, 8)


def test_statistics_of_norms_and_counters_stay():
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 4, 1), nn.BatchNorm2d(4))
    model(IMAGES)
    edited, _ = scaled(model)
    assert torch.equal(edited[3].running_mean, model[3].running_mean)
    assert edited[1].running_mean.shape == (4,)
    assert set(edited[1].running_mean.tolist()) <= set(model[1].running_mean.tolist())
    assert edited[1].num_batches_tracked == edited[3].num_batches_tracked == 1


def test_mobilenet_of_half_width_has_the_published_count():
    """Howard et al. 2017, table 6, says 1.3 million; counted by others: 1,331,592."""
    edited, _ = scaled(build_model("mobilenet_v1"), 0.5, torch.zeros(2, 3, 64, 64))
    assert parameter_count(edited) == 1_331_592


def test_a_wide_cifar_resnet_has_four_times_the_convolutions():
    model = build_model("cifar_resnet20")
    edited, _ = scaled(model, 2, torch.zeros(2, 3, 32, 32))
    for old, new in zip(model.stage2, edited.stage2, strict=True):
        assert new.conv2.weight.numel() == 4 * old.conv2.weight.numel()
    assert edited.head.weight.shape == (10, 128)


@pytest.mark.parametrize("name", ["googlenet", "shufflenet_v1", "squeezenet", "alexnet", "vgg11", "resnet18"])
def test_networks_of_every_sort_are_halved_and_answer(name):
    model = build_model(name, classes=7, channels=1, image_size=32)
    images = torch.rand(2, 1, 32, 32)
    edited, _ = scaled(model, 0.5, images)
    assert parameter_count(edited) < 0.4 * parameter_count(model)
    for mode in (True, False):
        output = read_output(edited.train(mode)(images))
        assert {tuple(answer.shape) for answer in (output.logits, *output.auxiliary)} == {(2, 7)}
    assert F.softmax(output.logits, 1).isfinite().all()
