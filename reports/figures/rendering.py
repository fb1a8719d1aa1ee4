"""How a chart becomes a file: vector and pixel pictures, the specification that a browser draws, its JavaScript."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Any

import altair as alt
import vl_convert

from reports.figures.pdf import in_order

SHARPNESS = 1.5
"""Pixels of a PNG per unit of the drawing."""
DIGITS = 4
"""Of a number in an interactive figure; more cannot be seen."""
COORDINATE = re.compile(r"-?\d+\.\d{2,}(?=[^\d%]*)")
DRAWN = re.compile(r' (?:d|transform|[xy][12]?|width|height)="[^"]*"')


def render(chart: alt.TopLevelMixin) -> dict[str, bytes]:
    """A chart as `svg`, `png` and `pdf`; the same chart gives the same bytes."""
    svg = drawing(chart)
    return {
        "svg": svg.encode(),
        "png": vl_convert.svg_to_png(svg, scale=SHARPNESS),
        "pdf": in_order(vl_convert.svg_to_pdf(svg)),
    }


def drawing(chart: alt.TopLevelMixin) -> str:
    """A chart as SVG alone."""
    return _lean(vl_convert.vegalite_to_svg(_specified(chart)))


def interactive(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """A chart as Vega-Lite for `vegaEmbed`: what is drawn and no more, numbers to four digits, JSON throughout."""
    spec: dict[str, Any] = _rounded(_specified(chart))
    return spec


@cache
def javascript() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script for a page, 0.9 MB; it leaves `window.vegaEmbed` and no other name.

    It must not run before the page's own elements are there, and asks no network for anything.
    """
    return f"(()=>{{{vl_convert.javascript_bundle('window.vegaEmbed=vegaEmbed;')}}})();"


def _specified(chart: alt.TopLevelMixin) -> dict[str, Any]:
    # Altair has checked every part as it was made; to check all of it again costs more than to draw it.
    with alt.data_transformers.enable("default", max_rows=None):
        return chart.to_dict(validate=False)


def _lean(svg: str) -> str:
    """Coordinates to a tenth of a pixel, which is what can be seen."""
    return DRAWN.sub(lambda drawn: COORDINATE.sub(lambda found: f"{float(found[0]):.1f}", drawn[0]), svg)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value
