"""The same step by torch: its autograd and its optimizer, in double precision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from modules.handwork.backprop import Step

BOUND = 1e-12
"""How far a number may lie from torch's, relative to it where it is above 1."""


class Compared(NamedTuple):
    """How many numbers were compared, and the largest difference."""

    numbers: int
    difference: float
    largest: str
    """Of which number that is."""

    @property
    def agrees(self) -> bool:
        return self.difference <= BOUND


def compare(step: Step) -> Compared:
    """Every number of a step against torch's."""
    found = [(_far(ours, theirs), name) for name, ours, theirs in _numbers(step)]
    return Compared(len(found), *max(found))


def _far(ours: float, theirs: float) -> float:
    return abs(ours - theirs) / max(1.0, abs(theirs))


def _numbers(step: Step) -> Iterator[tuple[str, float, float]]:
    """Each number by name, ours and torch's."""
    example = step.example
    linears = [_linear(layer.weights, layer.biases) for layer in step.layers]
    passed = _forth(example.inputs, linears)
    loss = _loss(example.loss, passed[-1][2], example.targets)
    loss.backward()
    yield "the loss", step.loss, loss.item()
    for number, (linear, (a, z, h), layer, slopes) in enumerate(
        zip(linears, passed, step.layers, step.slopes, strict=True), 1
    ):
        pairs = {
            "z": (layer.z, z), "h": (layer.h, h), "dL/dh": (slopes.h, h.grad), "dL/dz": (slopes.z, z.grad),
            "dL/dW": (sum(slopes.weights, ()), linear.weight.grad), "dL/db": (slopes.biases, linear.bias.grad),
            "dL/da": (slopes.a, a.grad),
        }  # fmt: skip
        yield from _named(number, pairs)
    torch.optim.SGD([p for linear in linears for p in linear.parameters()], lr=example.lr).step()
    for number, (linear, weights, biases) in enumerate(zip(linears, step.weights, step.biases, strict=True), 1):
        yield from _named(number, {"new W": (sum(weights, ()), linear.weight), "new b": (biases, linear.bias)})
    outputs = _forth(example.inputs, linears)[-1][2]
    yield from _named(len(linears), {"new h": (step.outputs_after, outputs)})
    yield "the loss after the step", step.loss_after, _loss(example.loss, outputs, example.targets).item()


def _named(layer: int, pairs: dict[str, tuple[tuple[float, ...], torch.Tensor | None]]) -> Iterator:
    for name, (ours, theirs) in pairs.items():
        assert theirs is not None
        for one, other in zip(ours, theirs.flatten().tolist(), strict=True):
            yield f"{name} of layer {layer}", one, other


def _linear(weights: tuple[tuple[float, ...], ...], biases: tuple[float, ...]) -> nn.Linear:
    linear = nn.Linear(len(weights[0]), len(weights), dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor(weights, dtype=torch.float64))
        linear.bias.copy_(torch.tensor(biases, dtype=torch.float64))
    return linear


def _forth(inputs: tuple[float, ...], linears: list[nn.Linear]) -> list[tuple[torch.Tensor, ...]]:
    """What comes in, z and h of every layer, with their derivatives kept."""
    a = torch.tensor(inputs, dtype=torch.float64, requires_grad=True)
    passed: list[tuple[torch.Tensor, ...]] = []
    for linear in linears:
        z = linear(a)
        h = torch.sigmoid(z)
        z.retain_grad()
        h.retain_grad()
        passed.append((a, z, h))
        a = h
    return passed


def _loss(kind: str, outputs: torch.Tensor, targets: tuple[float, ...]) -> torch.Tensor:
    wanted = torch.tensor(targets, dtype=torch.float64)
    if kind == "squared":
        return F.mse_loss(outputs, wanted, reduction="sum") / 2
    return F.binary_cross_entropy(outputs, wanted, reduction="sum")
