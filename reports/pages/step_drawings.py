"""The network of a step as two drawings: what goes forward, and the derivatives that come back."""

from __future__ import annotations

from markupsafe import Markup

from modules.handwork.backprop import Step
from reports.pages.network_drawing import Drawing, Unit, drawn


def forward_drawing(step: Step) -> Markup:
    """Inputs, weights, biases, and what each unit says."""
    inputs = [Unit(f"x{_low(i)}", short(x)) for i, x in enumerate(step.example.inputs, 1)]
    layers = [
        [Unit(f"{_letter(step, place)}{_low(j)}", short(h), (f"b = {short(b)}",))
         for j, (h, b) in enumerate(zip(layer.h, layer.biases, strict=True), 1)]
        for place, layer in enumerate(step.layers, 1)
    ]  # fmt: skip
    weights = [[[short(w) for w in row] for row in layer.weights] for layer in step.layers]
    said = "The network: the inputs on the left, the outputs on the right; every number in it is in the tables below."
    return drawn(Drawing([inputs, *layers], weights), said)


def backward_drawing(step: Step) -> Markup:
    """How the loss changes with each of them."""
    inputs = [Unit(f"x{_low(i)}", short(x)) for i, x in enumerate(step.example.inputs, 1)]
    layers = [
        [Unit(f"∂L/∂{_letter(step, place)}{_low(j)}", short(h), ("∂L/∂b =", short(b)))
         for j, (h, b) in enumerate(zip(slopes.h, slopes.biases, strict=True), 1)]
        for place, slopes in enumerate(step.slopes, 1)
    ]  # fmt: skip
    weights = [[[short(w) for w in row] for row in slopes.weights] for slopes in step.slopes]
    said = "The same network with the derivatives of the loss; every number in it is in the tables below."
    return drawn(Drawing([inputs, *layers], weights), said)


def _letter(step: Step, place: int) -> str:
    return "ŷ" if place == len(step.layers) else "h"


def _low(place: int) -> str:
    return "₀₁₂₃₄₅"[place]


def short(value: float) -> str:
    """What has room in a drawing: three digits."""
    return f"{value:.3g}".replace("-", "−")
