"""A small network as a drawing: units as circles with their numbers, connections with theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

AWAY, DOWN = 82, 130
"""Pixels from a unit to the numbers on the connections that leave it, and to the next unit of its layer."""
RADIUS = 33
LEFT, TOP = 85, 85
"""Room for what stands around the outermost units."""


class Unit(NamedTuple):
    """A circle: what is written above it, in it and below it."""

    above: str
    inside: str
    below: tuple[str, ...] = ()
    """In lines."""


class Drawing(NamedTuple):
    """Layers of units from left to right, and between them `connections[layer][to][from]`."""

    layers: Sequence[Sequence[Unit]]
    connections: Sequence[Sequence[Sequence[str]]]


def drawn(drawing: Drawing, said: str) -> Markup:
    """The drawing as inline SVG in the colours of the page; `said` is what a screen reader says."""
    width = 2 * LEFT + sum(map(_across, drawing.layers[1:]))
    height = 2 * TOP + DOWN * (max(map(len, drawing.layers)) - 1)
    parts = [*_connections(drawing, height), *_units(drawing, height)]
    return Markup(
        f'<svg class="network" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(said)}" '
        f'style="max-width: {width}px">{"".join(parts)}</svg>'
    )


def _connections(drawing: Drawing, height: int) -> list[str]:
    """All lines first, so that none runs over a number."""
    lines, labels = [], []
    for layer, rows in enumerate(drawing.connections):
        for to, row in enumerate(rows):
            for start, label in enumerate(row):
                (x1, y1), (x2, y2) = _at(drawing, layer, start, height), _at(drawing, layer + 1, to, height)
                lines.append(f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>')
                # So far along, the numbers of all connections are evenly spaced, each unit's beside it.
                x, y = x1 + AWAY, y1 + (y2 - y1) / (len(rows) + 1)
                labels.append(_text(x, y + 4, label, "weight"))
    return lines + labels


def _units(drawing: Drawing, height: int) -> list[str]:
    parts = []
    for layer, units in enumerate(drawing.layers):
        for place, unit in enumerate(units):
            x, y = _at(drawing, layer, place, height)
            parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{RADIUS}"/>')
            parts.append(_text(x, y - RADIUS - 8, unit.above, "name"))
            parts.append(_text(x, y + 5, unit.inside, "value"))
            parts += [_text(x, y + RADIUS + 17 + 14 * line, text, "bias") for line, text in enumerate(unit.below)]
    return parts


def _at(drawing: Drawing, layer: int, place: int, height: int) -> tuple[float, float]:
    """The centre of a unit; layers are centred."""
    x = LEFT + sum(map(_across, drawing.layers[1 : layer + 1]))
    return x, height / 2 + DOWN * (place - (len(drawing.layers[layer]) - 1) / 2)


def _across(units: Sequence[Unit]) -> int:
    """Pixels from the layer before to these units."""
    return AWAY * (len(units) + 1)


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="middle">{escape(text)}</text>'
