"""Points with crosses of intervals and names beside them: what the plane and the costs have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt

from reports.figures.axes import Axis
from reports.figures.labels import FONT, places
from reports.figures.theme import INK, PAPER, SHAPES, WIDTH, kind_colour, literal_shape
from reports.figures.tips import effect_told, kind_of
from reports.figures.wording import shortened
from reports.inference.effects import Effect
from reports.inference.intervals import Interval

HEIGHT = 400
MOST_POINTS = 100
"""Arms in one frame."""
MOST_NAMES = 20
"""Names in one frame; the interactive figure tells the others."""
ARROWS = {(-1, 0): "triangle-left", (1, 0): "triangle-right", (0, -1): "triangle-down", (0, 1): "triangle-up"}


class Spot(NamedTuple):
    """An arm in a frame of two axes."""

    effect: Effect
    x: Interval
    """A measured number without an interval has none of it tested."""
    y: Interval
    named: bool
    numbers: str
    """Said beside its name where it lies beyond an axis."""


def spots(drawn: Sequence[Spot], x: Axis, y: Axis) -> list[dict[str, Any]]:
    """What the points are drawn from, with their names where there is room for them."""
    ranked = sorted(drawn, key=lambda spot: not spot.named)
    names = [_name(spot, x, y) for spot in ranked if spot.named][:MOST_NAMES]
    pixels = [(WIDTH * x.share(x.placed(s.x.mean)), HEIGHT * (1 - y.share(y.placed(s.y.mean)))) for s in ranked]
    found = places(pixels, names, (WIDTH, HEIGHT))
    rows = [_row(spot, x, y) for spot in ranked]
    for row, name, place in zip(rows, names, found, strict=False):
        if place:
            row |= {"name": name, "dx": place.dx, "dy": place.dy, "align": place.align}
    return rows


def _name(spot: Spot, x: Axis, y: Axis) -> str:
    beyond = x.side(spot.x.mean) or y.side(spot.y.mean)
    return shortened(spot.effect.arm, 28) + (f": {spot.numbers}" if beyond else "")


def _row(spot: Spot, x: Axis, y: Axis) -> dict[str, Any]:
    sides = x.side(spot.x.mean), y.side(spot.y.mean)
    kind = kind_of(spot.effect)
    shape = ARROWS[sides[0], 0 if sides[0] else sides[1]] if any(sides) else SHAPES[kind]
    crossed = {} if any(sides) else {**_arms("x", spot.x, x), **_arms("y", spot.y, y)}
    told = {"arm": spot.effect.arm, **effect_told(spot.effect)}
    return {**told, "x": x.placed(spot.x.mean), "y": y.placed(spot.y.mean), "kind": kind, "shape": shape, **crossed}


def _arms(name: str, interval: Interval, axis: Axis) -> dict[str, float]:
    if not interval.tested:
        return {}
    return {f"{name}_low": axis.held(interval.low), f"{name}_high": axis.held(interval.high)}


def beyond_the_frame(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The line that says what arrows are; none where there are none."""
    return ["arrow: beyond the frame"] if any(row["shape"].startswith("triangle") for row in rows) else []


def marks(x: alt.X, y: alt.Y, tips: list[alt.Tooltip]) -> list[alt.Chart]:
    """Crosses, points and names, of rows that `spots` made."""
    faint = alt.condition("datum.kind === 'open'", alt.value(0.3), alt.value(0.7))
    rule = alt.Chart().mark_rule(strokeWidth=1.4).encode(opacity=faint, color=kind_colour())
    point = alt.Chart().mark_point(filled=True, size=80, opacity=1)
    placed = {key: alt.expr(f"datum.{key}") for key in ("dx", "dy", "align")}
    name = alt.Chart().transform_filter("isValid(datum.name)").encode(x=x, y=y, text="name:N")
    text: dict[str, Any] = {"fontSize": FONT, "baseline": "middle", **placed}
    return [
        rule.transform_filter("isValid(datum.x_low)").encode(x=_low(x, "x"), x2="x_high:Q", y=y),
        rule.transform_filter("isValid(datum.y_low)").encode(x=x, y=_low(y, "y"), y2="y_high:Q"),
        point.encode(x=x, y=y, color=kind_colour(), shape=literal_shape(), tooltip=tips),
        name.mark_text(color=PAPER, stroke=PAPER, strokeWidth=3, strokeJoin="round", opacity=0.8, **text),
        name.mark_text(color=INK, **text),
    ]


def _low(encoding: Any, name: str) -> Any:
    changed = encoding.copy()
    changed.shorthand = f"{name}_low:Q"
    return changed
