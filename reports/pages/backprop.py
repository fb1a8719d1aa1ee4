"""The page that carries out one step of back-propagation: formulas, numbers, drawings, in the order of the work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from modules.handwork.backprop import Layer, Slopes, Step
from reports.pages.step_drawings import backward_drawing, forward_drawing
from reports.pages.templating import rendered


class Line(NamedTuple):
    """One number: what it is called, how it is found, with numbers filled in, and what comes out."""

    name: Markup
    formula: Markup
    numbers: str
    value: str


class Part(NamedTuple):
    """Some numbers that are found in the same way."""

    title: str
    why: Markup
    lines: Sequence[Line]


def backprop_page(step: Step, numbers: int, difference: float, bound: float) -> str:
    """The page as HTML; `numbers` of it were compared with torch's, the largest `difference` against a `bound`."""
    example = step.example
    return rendered(
        "backprop.html", (), step=step, shape=" – ".join(map(str, _sizes(step))), number=number,
        squared=example.loss == "squared", there=forward_drawing(step), back=backward_drawing(step),
        forward=[_forward(place, layer) for place, layer in enumerate(step.layers, 1)], loss=_loss(step),
        first=_first_slopes(step), backward=list(_backward(step)), update=list(_update(step)),
        after=", ".join(map(number, step.outputs_after)), compared=numbers,
        difference=f"{difference:.1e}", bound=f"{bound:.0e}", agrees=difference <= bound,
    )  # fmt: skip


def number(value: float) -> str:
    """Six digits, with a real minus sign."""
    return f"{value:.6g}".replace("-", "−")


def var(letter: str, layer: int | None = None, *places: int) -> Markup:
    """A letter with its layer above and its places below."""
    below = Markup("<sub>{}</sub>").format(",".join(map(str, places))) if places else Markup("")
    above = Markup("<sup>({})</sup>").format(layer) if layer is not None else Markup("")
    return Markup("<i>{}</i>{}{}").format(letter, below, above)


def slope(of: Markup) -> Markup:
    """The derivative of the loss."""
    return Markup('<span class="fraction"><span>∂<i>L</i></span><span>∂{}</span></span>').format(of)


def _sizes(step: Step) -> list[int]:
    return [len(step.example.inputs), *(len(layer.h) for layer in step.layers)]


def _entering(layer: int, place: int) -> Markup:
    """What the first layer takes is x, what the others take is the h before them."""
    return var("x", None, place) if layer == 1 else var("h", layer - 1, place)


def _forward(place: int, layer: Layer) -> Part:
    lines = []
    for unit, (row, bias, z, h) in enumerate(zip(layer.weights, layer.biases, layer.z, layer.h, strict=True), 1):
        terms = [Markup("{} {}").format(var("W", place, unit, i), _entering(place, i)) for i in range(1, len(row) + 1)]
        formula = Markup(" + ").join([*terms, var("b", place, unit)])
        products = [f"{_factor(w)} · {_factor(a)}" for w, a in zip(row, layer.a, strict=True)]
        filled = " + ".join([*products, _factor(bias)])
        lines.append(Line(var("z", place, unit), formula, filled, number(z)))
        squashed = Markup("σ({0}) = 1 / (1 + <i>e</i><sup>−<i>z</i></sup>)").format(var("z", place, unit))
        lines.append(Line(var("h", place, unit), squashed, f"1 / (1 + exp({number(-z)}))", number(h)))
    why = Markup("Each unit adds up what comes in, weighted, and its bias; the sigmoid brings that to between 0 and 1.")
    return Part(f"Layer {place}", why, lines)


def _loss(step: Step) -> Line:
    pairs = list(zip(step.layers[-1].h, step.example.targets, strict=True))
    if step.example.loss == "squared":
        formula = Markup("Σ ½ ({} − {})²").format(_said(), var("y"))
        filled = " + ".join(f"½ ({number(said)} − {_factor(wanted)})²" for said, wanted in pairs)
    else:
        formula = Markup("−Σ ({0} ln {1} + (1 − {0}) ln (1 − {1}))").format(var("y"), _said())
        filled = " + ".join(
            f"−({number(y)} ln {number(said)} + {number(1 - y)} ln {number(1 - said)})" for said, y in pairs
        )
    return Line(var("L"), formula, filled, number(step.loss))


def _said(place: int | None = None) -> Markup:
    return var("ŷ", None, *([place] if place else []))


def _first_slopes(step: Step) -> Part:
    squared, lines = step.example.loss == "squared", []
    triples = zip(step.layers[-1].h, step.example.targets, step.slopes[-1].h, strict=True)
    for place, (said, wanted, found) in enumerate(triples, 1):
        output = _said(place) if len(step.example.targets) > 1 else _said()
        off = Markup("{} − {}").format(output, var("y", None, *([place] if len(step.example.targets) > 1 else [])))
        formula = off if squared else Markup("({0}) / ({1} (1 − {1}))").format(off, output)
        filled = f"{number(said)} − {_factor(wanted)}"
        below = "" if squared else f" / ({number(said)} · {number(1 - said)})"
        lines.append(Line(slope(output), formula, filled if squared else f"({filled}){below}", number(found)))
    why = Markup("Begin at the end: how fast does the loss grow when an output grows? Differentiate the loss.")
    return Part("The outputs", why, lines)


def _backward(step: Step) -> Iterator[Part]:
    for place in range(len(step.layers), 0, -1):
        layer, slopes = step.layers[place - 1], step.slopes[place - 1]
        lines = [*_through_sigmoid(place, layer, slopes), *_at_weights(place, layer, slopes)]
        why = (
            "First through the sigmoid, whose slope is <i>h</i> (1 − <i>h</i>). A weight is then multiplied by what "
            "comes in, so that is its slope; a bias by 1."
        )
        if place > 1:
            lines += _handed_on(place, layer, slopes)
            why += (
                " What comes in reaches the loss by way of every unit of this layer, so its derivative is a sum over "
                "them: with that the layer before begins."
            )
        yield Part(f"Layer {place}", Markup(why), lines)


def _through_sigmoid(place: int, layer: Layer, slopes: Slopes) -> Iterator[Line]:
    for unit, (h, above, found) in enumerate(zip(layer.h, slopes.h, slopes.z, strict=True), 1):
        output = var("h", place, unit)
        formula = Markup("{} · {} (1 − {})").format(slope(output), output, output)
        filled = f"{_factor(above)} · {number(h)} · (1 − {number(h)})"
        yield Line(slope(var("z", place, unit)), formula, filled, number(found))


def _at_weights(place: int, layer: Layer, slopes: Slopes) -> Iterator[Line]:
    for unit, (z, row, bias) in enumerate(zip(slopes.z, slopes.weights, slopes.biases, strict=True), 1):
        above = slope(var("z", place, unit))
        for i, (a, found) in enumerate(zip(layer.a, row, strict=True), 1):
            formula = Markup("{} · {}").format(above, _entering(place, i))
            yield Line(slope(var("W", place, unit, i)), formula, f"{_factor(z)} · {_factor(a)}", number(found))
        yield Line(slope(var("b", place, unit)), Markup("{} · 1").format(above), number(z), number(bias))


def _handed_on(place: int, layer: Layer, slopes: Slopes) -> Iterator[Line]:
    for i, found in enumerate(slopes.a, 1):
        terms = [Markup("{} {}").format(var("W", place, unit, i), slope(var("z", place, unit)))
                 for unit in range(1, len(slopes.z) + 1)]  # fmt: skip
        filled = [f"{_factor(row[i - 1])} · {_factor(z)}" for row, z in zip(layer.weights, slopes.z, strict=True)]
        yield Line(slope(_entering(place, i)), Markup(" + ").join(terms), " + ".join(filled), number(found))


def _update(step: Step) -> Iterator[Part]:
    old = zip(step.layers, step.slopes, step.weights, step.biases, strict=True)
    for place, (layer, slopes, weights, biases) in enumerate(old, 1):
        lines = []
        for unit in range(1, len(biases) + 1):
            rows = zip(layer.weights[unit - 1], slopes.weights[unit - 1], weights[unit - 1], strict=True)
            for i, numbers in enumerate(rows, 1):
                lines.append(_moved(var("W", place, unit, i), step.example.lr, *numbers))
            numbers = layer.biases[unit - 1], slopes.biases[unit - 1], biases[unit - 1]
            lines.append(_moved(var("b", place, unit), step.example.lr, *numbers))
        yield Part(f"Layer {place}", Markup(""), lines)


def _moved(name: Markup, lr: float, before: float, slope_there: float, after: float) -> Line:
    formula = Markup("{} − <i>η</i> {}").format(name, slope(name))
    filled = f"{number(before)} − {number(lr)} · {_factor(slope_there)}"
    return Line(Markup("new {}").format(name), formula, filled, number(after))


def _factor(value: float) -> str:
    """A number as it stands within a sum or a product: in brackets where it is negative."""
    return f"({number(value)})" if value < 0 else number(value)
