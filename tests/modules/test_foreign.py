"""Anybody's model: built with what it asks for, checked against the data, refused in a line."""

import importlib.util

import pytest
import torch
from torch import nn

from modules.build import build
from modules.foreign import build_foreign
from modules.recipe import Data, Model, Recipe

TOLD = {"classes": 10, "channels": 1, "image_size": 16}
NETS = '''
import torch
from torch import nn

class Asks(nn.Module):
    """Asks for everything, under the usual names."""
    def __init__(self, num_classes, in_channels=3, img_size=224, hidden=8):
        super().__init__()
        self.asked = (num_classes, in_channels, img_size, hidden)
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(in_channels * img_size**2, hidden), nn.ReLU(),
                                 nn.Linear(hidden, num_classes))
    def forward(self, x):
        return self.net(x)

class Fixed(nn.Module):
    """Made for ten classes and one channel."""
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(256, 10))
    def forward(self, x):
        return self.net(x)

class Wide(nn.Module):
    """Calls its width `channels`."""
    def __init__(self, classes, channels=32):
        super().__init__()
        self.width = channels
        self.net = nn.Sequential(nn.LazyConv2d(channels, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(classes))
    def forward(self, x):
        return self.net(x)

class Thousand(Fixed):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(256, 1000))

class Words(Fixed):
    def forward(self, x):
        return "a dog"

class Needy(nn.Module):
    def __init__(self, blocks):
        super().__init__()

class Double(Fixed):
    def __init__(self):
        super().__init__()
        self.double()

def make(classes, channels):
    return nn.Sequential(nn.Conv2d(channels, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, classes))

def number():
    return 3

VALUE = 3
'''


@pytest.fixture
def nets(tmp_path):
    path = tmp_path / "nets.py"
    path.write_text(NETS)
    return path


def recipe(nets, name, **arguments):
    return Recipe(data=Data(image_size=16), model=Model(name=f"{nets}:{name}", arguments=arguments))


def test_a_constructor_is_told_what_it_asks_for(nets):
    assert build_foreign(f"{nets}:Asks", {}, TOLD).asked == (10, 1, 16, 8)


def test_an_argument_comes_before_what_is_told(nets):
    assert build_foreign(f"{nets}:Asks", {"in_channels": 3, "hidden": 5}, TOLD).asked == (10, 3, 16, 5)


def test_channels_that_are_a_width_stay(nets):
    assert build_foreign(f"{nets}:Wide", {}, TOLD).width == 32


@pytest.mark.parametrize("name", ["Asks", "Fixed", "Wide", "Double", "make"])
def test_it_is_built_under_the_seed_and_gives_logits(nets, name):
    one, same, other = (build(recipe(nets, name), seed) for seed in (0, 0, 1))
    assert one(torch.rand(2, 1, 16, 16)).shape == (2, 10)
    weights = [torch.cat([p.flatten() for p in net.parameters()]) for net in (one, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_lazy_modules_have_their_weights_when_it_is_built(nets):
    assert not any(isinstance(p, nn.UninitializedParameter) for p in build(recipe(nets, "Wide"), 0).parameters())


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("Needy", {}, r"building it with \(\) failed: TypeError: .*missing 1 required positional argument: 'blocks'"),
        ("Asks", {"depth": 3}, "depth=3.*failed: TypeError: .*unexpected keyword argument 'depth'"),
        ("number", {}, r"made a int; it must make a torch\.nn\.Module"),
        ("VALUE", {}, "is a int; it must be a class or function that makes a network"),
        ("Thousand", {}, r"returns \(2, 1000\) for 2 images of 10 classes, it must be \(2, 10\)"),
        ("Words", {}, "returns a str; it must return logits"),
        ("Asks", {"in_channels": 3}, r"cannot take images of shape \(1, 16, 16\): Linear 'net.1' cannot take"),
        ("Ask", {}, "there is no 'Ask' in it; did you mean"),
    ],
)
def test_what_does_not_fit_is_said_in_a_line(nets, name, arguments, message):
    with pytest.raises(ValueError, match=message) as refusal:
        build(recipe(nets, name, **arguments), 0)
    assert "\n" not in str(refusal.value)
    assert "nets.py" in str(refusal.value)


@pytest.mark.skipif(importlib.util.find_spec("timm") is not None, reason="timm is installed")
def test_without_timm_the_cure_is_named():
    with pytest.raises(ValueError, match="pip install timm"):
        build_foreign("timm/resnet18", {}, TOLD)


def test_timm_is_asked_for_the_model_by_its_name(monkeypatch):
    asked = {}
    monkeypatch.setattr("modules.foreign._timm", lambda: lambda **given: asked.update(given) or nn.Identity())
    build_foreign("timm/resnet18", {"drop_rate": 0.1}, TOLD)
    assert asked == {"model_name": "resnet18", "num_classes": 10, "in_chans": 1, "drop_rate": 0.1}
