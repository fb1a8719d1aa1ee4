"""What all figures share: colours, fonts, and how a chart becomes a file."""

from __future__ import annotations

from typing import Any

import altair as alt
import vl_convert

INK, PAPER = "#1f2430", "#ffffff"
FAINT = "#8a93a3"
UP, DOWN, OPEN = "#0072b2", "#d55e00", "#7d8694"
"""Blue and vermilion of Okabe and Ito (2008), told apart by colour-blind readers; grey where nothing is decided."""
TRAIN, HELD_OUT = "#d55e00", "#0072b2"
"""Training accuracy, and that on images which are not trained on."""
SHARPNESS = 1.5
"""Pixels of a PNG per unit of the drawing."""


def render(chart: alt.TopLevelMixin) -> dict[str, bytes]:
    """A chart as `svg` and `png`."""
    with alt.data_transformers.enable("default", max_rows=None):
        spec = chart.to_dict()
    svg = vl_convert.vegalite_to_svg(spec)
    return {"svg": svg.encode(), "png": vl_convert.svg_to_png(svg, scale=SHARPNESS)}


def themed(chart: Any) -> alt.TopLevelMixin:
    """A chart in the fonts and colours that all figures share."""
    font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
    plain = {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12}
    lines = {"gridColor": FAINT, "gridOpacity": 0.25, "domainColor": FAINT, "tickColor": FAINT}
    title = {"color": INK, "fontSize": 15, "subtitleColor": INK, "subtitleFontSize": 12, "subtitlePadding": 6}
    return (
        chart.configure(background=PAPER, font=font, padding=12)
        .configure_view(stroke=None)
        .configure_axis(titleFontWeight="normal", **plain, **lines)
        .configure_title(anchor="start", offset=12, **title)
        .configure_legend(labelColor=INK, labelFontSize=12)
        .configure_header(labelColor=INK)
    )
