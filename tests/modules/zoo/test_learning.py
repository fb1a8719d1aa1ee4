"""The small form of every network learns: two images of each digit, a few steps of SGD with momentum 0.9, one core."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from modules.data.digits import load
from modules.imports import load_object
from modules.zoo.auxiliary import WithAuxiliary
from modules.zoo.cards import MODELS

BLIND = math.log(10)
"""The loss of a network that does not look at the image, the digits being equally many."""

# Learning rate, and steps.
QUICK = {
    "perceptron": (0.02, 20),
    "mlp": (0.05, 20),
    "deep_mlp": (0.01, 60),
    "lenet5": (0.02, 60),
    "lenet5_1998": (0.005, 20),
    "cifar_resnet20": (0.02, 25),
    "cifar_plain20": (0.02, 30),
    "mobilenet_v1": (0.02, 15),
    "shufflenet_v1": (0.005, 15),
}
SLOW = {
    "alexnet": (0.01, 40),
    "alexnet_one_column": (0.01, 40),
    "vgg11": (0.002, 60),
    "vgg13": (0.002, 70),
    "vgg16": (0.002, 80),
    "vgg19": (0.002, 80),
    "googlenet": (0.002, 70),
    "resnet18": (0.01, 20),
    "resnet34": (0.01, 20),
    "resnet50": (0.01, 25),
    "plain18": (0.01, 20),
    "plain34": (0.02, 20),
    "plain50": (0.01, 25),
    "cifar_resnet32": (0.02, 30),
    "cifar_resnet44": (0.02, 30),
    "cifar_resnet56": (0.02, 30),
    "cifar_plain32": (0.02, 30),
    "cifar_plain44": (0.02, 30),
    "cifar_plain56": (0.02, 30),
    "squeezenet": (0.003, 300),
}
DEGRADED = {
    "plain101": (0.01, 25),
    "plain152": (0.01, 25),
    "cifar_plain110": (0.01, 30),
}
"""Plain nets so deep that they hardly train, which is the point that their paper makes."""
TWINS = {name: name.replace("plain", "resnet") for name in DEGRADED}


@pytest.fixture(scope="module")
def digits() -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = (torch.from_numpy(array[:20]) for array in load())
    assert torch.bincount(labels).tolist() == [2] * 10
    images = F.interpolate(images, size=(32, 32), mode="bilinear")
    return (images - images.mean()) / images.std(), labels


def trained(name: str, rate: float, steps: int, images: torch.Tensor, labels: torch.Tensor) -> float:
    """The lowest training loss, as a mean over three steps in a row: without norm, some nets spike now and then."""
    model = load_object(MODELS[name].builder)(classes=10, channels=1, image_size=32)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    losses = []
    for _ in range(steps):
        loss, auxiliary = losses_of(model, images, labels)
        optimizer.zero_grad()
        (loss + 0.3 * auxiliary).backward()
        optimizer.step()
        losses.append(loss.item())
    return min(sum(losses[step : step + 3]) / 3 for step in range(steps - 2))


def losses_of(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | int]:
    """The loss, and the sum of those of auxiliary heads."""
    out = model(images)
    if not isinstance(out, WithAuxiliary):
        return F.cross_entropy(out, labels), 0
    return F.cross_entropy(out.logits, labels), sum(F.cross_entropy(logits, labels) for logits in out.auxiliary)


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_a_short_training_learns_from_the_images(name, digits):
    rate, steps = (QUICK | SLOW)[name]
    assert trained(name, rate, steps, *digits) < 0.9 * BLIND


@pytest.mark.slow
@pytest.mark.parametrize("name", DEGRADED)
def test_a_deep_plain_net_stays_where_its_resnet_gets_through(name, digits):
    plain, with_skip = (trained(twin, *DEGRADED[name], *digits) for twin in (name, TWINS[name]))
    assert with_skip < 0.2 * BLIND < 0.9 * BLIND < plain < BLIND


def test_a_short_training_tells_pixels_that_are_bright_from_dark_ones(digits):
    images, _ = digits
    model = load_object(MODELS["segnet"].builder)(classes=2, channels=1, image_size=32)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(15):
        loss = F.cross_entropy(model(images), (images[:, 0] > 0).long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.5 * math.log(2)


def test_no_network_is_left_out():
    assert sorted([*QUICK, *SLOW, *DEGRADED, *TWINS.values(), "segnet"]) == sorted(MODELS)
