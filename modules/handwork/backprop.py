"""One step of back-propagation by hand (Rumelhart, Hinton and Williams 1986): sums and products of plain numbers.

Weights are W[j][i], from number i that comes in to unit j. Of a layer: z = W a + b, h = sigmoid(z), where a is the h of
the layer before it, or x. Backwards: dL/dz = dL/dh * h (1 - h), dL/dW[j][i] = dL/dz[j] a[i], dL/db = dL/dz, and what
goes on to the layer before is dL/da[i], the sum over j of W[j][i] dL/dz[j].
"""

from __future__ import annotations

import math
from typing import NamedTuple

from modules.handwork.example import Drawn, Matrix, Vector


class Layer(NamedTuple):
    """A layer on the way forth."""

    weights: Matrix
    biases: Vector
    a: Vector
    """What comes in."""
    z: Vector
    h: Vector


class Slopes(NamedTuple):
    """The derivatives of the loss at a layer, on the way back."""

    h: Vector
    z: Vector
    weights: Matrix
    biases: Vector
    a: Vector


class Step(NamedTuple):
    """A pass forth, a pass back, the step, and the loss that it leads to."""

    example: Drawn
    layers: tuple[Layer, ...]
    loss: float
    slopes: tuple[Slopes, ...]
    """In the order of the layers."""
    weights: tuple[Matrix, ...]
    biases: tuple[Vector, ...]
    outputs_after: Vector
    loss_after: float


def step(example: Drawn) -> Step:
    """Carries out one step. Raises ValueError where an output is so near 0 or 1 that it has no cross-entropy."""
    layers = forth(example.inputs, example.weights, example.biases)
    slopes = back(layers, loss_slopes(example.loss, layers[-1].h, example.targets))
    weights = tuple(
        tuple(_moved(row, slope, example.lr) for row, slope in zip(one.weights, two.weights, strict=True))
        for one, two in zip(layers, slopes, strict=True)
    )
    biases = tuple(_moved(one.biases, two.biases, example.lr) for one, two in zip(layers, slopes, strict=True))
    before, after = layers[-1].h, forth(example.inputs, weights, biases)[-1].h
    losses = [loss(example.loss, outputs, example.targets) for outputs in (before, after)]
    return Step(example, layers, losses[0], slopes, weights, biases, after, losses[1])


def forth(inputs: Vector, weights: tuple[Matrix, ...], biases: tuple[Vector, ...]) -> tuple[Layer, ...]:
    """Every layer, from the first to the last."""
    layers, a = [], inputs
    for matrix, bias in zip(weights, biases, strict=True):
        z = tuple(sum(w * x for w, x in zip(row, a, strict=True)) + b for row, b in zip(matrix, bias, strict=True))
        layers.append(Layer(matrix, bias, a, z, tuple(map(sigmoid, z))))
        a = layers[-1].h
    return tuple(layers)


def back(layers: tuple[Layer, ...], slopes: Vector) -> tuple[Slopes, ...]:
    """The derivatives at every layer, found from the last to the first; `slopes` are those of the outputs."""
    found: list[Slopes] = []
    for layer in reversed(layers):
        z = tuple(slope * h * (1 - h) for slope, h in zip(slopes, layer.h, strict=True))
        weights = tuple(tuple(slope * a for a in layer.a) for slope in z)
        a = tuple(sum(row[i] * slope for row, slope in zip(layer.weights, z, strict=True)) for i in range(len(layer.a)))
        found.append(Slopes(slopes, z, weights, z, a))
        slopes = a
    return tuple(reversed(found))


def sigmoid(z: float) -> float:
    """1 / (1 + e^-z), in the form that overflows for no z."""
    small = math.exp(-abs(z))
    return (1 if z >= 0 else small) / (1 + small)


def loss(kind: str, outputs: Vector, targets: Vector) -> float:
    """Half the squared error, or the cross-entropy, summed over the outputs."""
    pairs = list(zip(outputs, targets, strict=True))
    if kind == "squared":
        return sum((said - wanted) ** 2 / 2 for said, wanted in pairs)
    _refuse_certainty(outputs)
    return -sum(wanted * math.log(said) + (1 - wanted) * math.log(1 - said) for said, wanted in pairs)


def loss_slopes(kind: str, outputs: Vector, targets: Vector) -> Vector:
    """dL / dy-hat."""
    pairs = zip(outputs, targets, strict=True)
    if kind == "squared":
        return tuple(said - wanted for said, wanted in pairs)
    _refuse_certainty(outputs)
    return tuple((said - wanted) / (said * (1 - said)) for said, wanted in pairs)


def _refuse_certainty(outputs: Vector) -> None:
    for number, said in enumerate(outputs, 1):
        if said * (1 - said) < 1e-10:
            raise ValueError(
                f"cross-entropy: output {number} must be off 0 and 1 by 1e-10 or more, not {said!r}, where its "
                "logarithm and slope have no digits left; take smaller weights, biases, inputs or lr"
            )


def _moved(numbers: Vector, slopes: Vector, lr: float) -> Vector:
    return tuple(number - lr * slope for number, slope in zip(numbers, slopes, strict=True))
