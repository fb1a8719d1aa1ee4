"""Networks that catch careless surgery: small ones, each awkward in one way."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from modules.zoo.auxiliary import AuxiliaryHead
from modules.zoo.segnet import segnet


class Subject(NamedTuple):
    """A network and a batch that it takes."""

    model: nn.Module
    batch: torch.Tensor


def _images(dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.rand(4, 2, 8, 8, dtype=dtype)


def _rows() -> torch.Tensor:
    return torch.rand(4, 6)


class _TwoUses(nn.Module):
    """One convolution and one linear layer, each registered and called in two places."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 4, 3, padding=1)
        self.conv_a = self.conv_b = nn.Conv2d(4, 4, 3, padding=1)
        self.relu_a = self.relu_b = nn.ReLU()
        self.flatten = nn.Flatten()
        self.first = nn.Linear(256, 5)
        self.linear_a = self.linear_b = nn.Linear(5, 5)
        self.head = nn.Linear(5, 3)

    def forward(self, x):
        x = self.relu_a(self.conv_a(self.stem(x)))
        x = self.relu_b(self.conv_b(x))
        return self.head(self.linear_b(self.linear_a(self.first(self.flatten(x)))))


class _Nested(nn.Module):
    """Layers in containers in containers, called by key."""

    def __init__(self):
        super().__init__()
        inner = nn.Sequential(nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU()), nn.Flatten())
        self.parts = nn.ModuleDict({"body": nn.Sequential(inner), "heads": nn.ModuleDict({"one": nn.Linear(144, 3)})})

    def forward(self, x):
        return self.parts["heads"]["one"](self.parts["body"](x))


class _Listed(nn.Module):
    """Layers in a ModuleList, called with a keyword."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(6, 6) for _ in range(3))

    def forward(self, x):
        for layer in self.layers:
            x = layer(input=x).relu()
        return x


class _Tied(nn.Module):
    """Two linear layers with one weight."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.head = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 3)
        self.two.weight = self.one.weight

    def forward(self, x):
        return self.head(self.two(self.one(x).relu()).relu())


class _Attention(nn.Module):
    """Inputs of three dimensions, and a Linear whose weights are read but which is never called."""

    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(6, 2, dim_feedforward=8, dropout=0.0, batch_first=True)

    def forward(self, x):
        return self.layer(x)


def _small(dtype: torch.dtype = torch.float32) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(64, 3)
    ).to(dtype)


def double_output(module, args, output):
    return 2 * output


def halve_input(module, args):
    return (args[0] / 2, *args[1:])


def _hooked() -> nn.Sequential:
    model = _small()
    for layer in (model, model[0], model[5]):
        layer.register_forward_hook(double_output)
        layer.register_forward_pre_hook(halve_input)
    return model


def _partly_eval() -> nn.Sequential:
    model = _small()
    model[0].eval()
    model[3].eval()
    return model


class _Functional(nn.Module):
    """Nonlinearities, pools and dropout as functional calls, around which a skip leads."""

    def __init__(self):
        super().__init__()
        self.stem, self.body = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.answers = nn.Linear(64, 3)

    def forward(self, x):
        x = F.relu(self.stem(x))
        x = x + torch.tanh(self.body(x))
        x = F.dropout(F.max_pool2d(x, 2), 0.25, self.training)
        return self.answers(x.flatten(1))


class _Branching(nn.Module):
    """Functional calls in a forward that no trace can see, since it asks what the numbers are."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.head = nn.Conv2d(2, 4, 3), nn.ReLU(), nn.Linear(36, 3)

    def forward(self, x):
        x = F.relu(self.conv(x)) if x.sum() > 0 else self.relu(self.conv(x))
        return self.head(F.max_pool2d(x, 2).flatten(1))


class _SideHead(AuxiliaryHead):
    """An auxiliary head of somebody's own."""

    def __init__(self):
        super().__init__()
        self.answers = nn.Linear(4, 3)

    def forward(self, x):
        return self.answers(x.mean((2, 3)))


class _TwoHeads(nn.Module):
    """Returns the logits of an auxiliary head, too, while training."""

    def __init__(self):
        super().__init__()
        self.conv, self.side, self.final = nn.Conv2d(2, 4, 3), _SideHead(), nn.Linear(144, 3)

    def forward(self, x):
        x = self.conv(x).relu()
        logits = self.final(x.flatten(1))
        return (logits, self.side(x)) if self.training else logits


class _Repeated(nn.Module):
    """Blocks in a ModuleList and in a Sequential; the first of each changes the shape."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([_block(2, 4), _block(4, 4), _block(4, 4)])
        self.stage = nn.Sequential(_block(4, 6), _block(6, 6), nn.MaxPool2d(2))
        self.head = nn.Linear(96, 3)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(self.stage(x).flatten(1))


def _block(channels_in: int, channels: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(channels_in, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU())


AWKWARD: dict[str, Callable[[], Subject]] = {
    "shared modules": lambda: Subject(_TwoUses(), _images()),
    "root Linear": lambda: Subject(nn.Linear(6, 3), _rows()),
    "root Conv2d": lambda: Subject(nn.Conv2d(2, 3, 3), _images()),
    "nested containers": lambda: Subject(_Nested(), _images()),
    "ModuleList": lambda: Subject(_Listed(), _rows()),
    "tied weights": lambda: Subject(_Tied(), _rows()),
    "attention": lambda: Subject(_Attention(), torch.rand(4, 5, 6)),
    "eval mode": lambda: Subject(_small().eval(), _images()),
    "partly in eval mode": lambda: Subject(_partly_eval(), _images()),
    "float64": lambda: Subject(_small(torch.float64), _images(torch.float64)),
    "hooks": lambda: Subject(_hooked(), _images()),
    "functional calls": lambda: Subject(_Functional(), _images()),
    "untraceable": lambda: Subject(_Branching(), _images()),
    "two heads": lambda: Subject(_TwoHeads(), _images()),
    "repeated blocks": lambda: Subject(_Repeated(), _images()),
    "encoder and decoder": lambda: Subject(segnet(classes=3, channels=2, image_size=8), _images()),
    "no layers": lambda: Subject(nn.Sequential(nn.ReLU(), nn.Flatten()), _images()),
}
