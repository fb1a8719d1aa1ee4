"""Lanes: a row per arm with its interval, the margin as a band, and an arrow for what lies beyond the axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import altair as alt

from reports.figures.axes import Axis
from reports.figures.theme import FAINT, INK, NAME, SHAPES, WIDTH, kind_colour, literal_shape
from reports.inference.intervals import Interval
from reports.numbers import digits_to_see, plus_minus

ARROWS = {-1: "triangle-left", 1: "triangle-right"}
STEP = 30
"""Pixels of a row."""
Near: TypeAlias = float | tuple[float, float]
"""The margin, or from where to where differences are too small to matter."""


def lane(name: str, interval: Interval, kind: str, axis: Axis, told: Mapping[str, Any]) -> dict[str, Any]:
    """What a row is drawn from; `told` is what the interactive figure tells of it."""
    side = axis.side(interval.mean)
    low, high = (axis.held(end) if interval.tested and not side else None for end in (interval.low, interval.high))
    return {
        "arm": name, "mean": axis.placed(interval.mean), "low": low, "high": high, "kind": kind,
        "shape": ARROWS.get(side, SHAPES[kind]), "edge": {-1: "left", 0: "", 1: "right"}[side],
        "label": _in_short(interval) if side else "", **told,
    }  # fmt: skip


def _in_short(interval: Interval) -> str:
    return plus_minus(interval.mean, interval.half, digits_to_see(interval.half, 1))


def lanes(
    rows: Sequence[dict[str, Any]], axis: Axis, near: Near, title: str | list[str], tips: list[alt.Tooltip]
) -> alt.Chart:
    """The rows in their order. One data set, of which every layer takes its part."""
    x = alt.X("mean:Q", scale=scale(axis), title=title, axis=alt.Axis(tickCount=10))
    point = alt.Chart().mark_point(filled=True, size=95, opacity=1)
    layers = [
        *band(near, axis),
        _intervals(rows, tips, axis),
        point.encode(x=x, y=lane_y(rows), color=kind_colour(), shape=literal_shape(), tooltip=tips),
        _labels(rows, axis),
    ]
    drawn: Any = alt.layer(*layers, data=alt.Data(values=list(rows)))
    return drawn.properties(width=WIDTH, height=alt.Step(STEP))


def lane_y(rows: Sequence[dict[str, Any]], named: bool = True) -> alt.Y:
    names = alt.Axis(labels=named, labelLimit=NAME, ticks=False, domain=False)
    return alt.Y("arm:N", scale=alt.Scale(domain=[row["arm"] for row in rows]), title=None, axis=names)


def scale(axis: Axis) -> alt.Scale:
    return alt.Scale(domain=[axis.low, axis.high], nice=False)


def band(near: Near, axis: Axis) -> list[alt.Chart]:
    """What is too small to matter about 0, and 0 itself."""
    low, high = near if isinstance(near, tuple) else (-near, near)
    nothing = alt.Chart(alt.Data(values=[{}]))
    shade = nothing.mark_rect(color=FAINT, opacity=0.15)
    return [
        shade.encode(x=alt.XDatum(axis.held(low)), x2=alt.datum(axis.held(high))),
        nothing.mark_rule(color=INK, opacity=0.7).encode(x=alt.XDatum(0)),
    ]


def _intervals(rows: Sequence[dict[str, Any]], tips: list[alt.Tooltip], axis: Axis) -> alt.Chart:
    inside = alt.Chart().transform_filter("isValid(datum.low)")
    rule = inside.mark_rule(strokeWidth=2.5)
    low = alt.X("low:Q", scale=scale(axis))
    return rule.encode(x=low, x2="high:Q", y=lane_y(rows), color=kind_colour(), tooltip=tips)


def _labels(rows: Sequence[dict[str, Any]], axis: Axis) -> alt.Chart:
    """The numbers of arms beyond the axis, beside their arrows."""
    left = "datum.edge === 'left'"
    text = alt.Chart().transform_filter("datum.edge !== ''")
    text = text.mark_text(
        fontSize=12, color=INK, align=alt.expr(f"{left} ? 'left' : 'right'"), dx=alt.expr(f"{left} ? 12 : -12")
    )
    return text.encode(x=alt.X("mean:Q", scale=scale(axis)), y=lane_y(rows), text="label:N")
