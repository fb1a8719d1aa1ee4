"""What all figures share: colours, shapes, fonts."""

from __future__ import annotations

from typing import Any

import altair as alt

INK, PAPER = "#1f2430", "#ffffff"
FAINT = "#667080"
"""For small print, grids and what stays in the background; 5 to 1 on paper, so that words in it can be read."""
UP, DOWN, OPEN = "#0072b2", "#d55e00", "#7d8694"
"""Blue and vermilion of Okabe and Ito (2008), told apart by colour-blind readers; grey for all else."""
TRAIN, HELD_OUT = "#d55e00", "#0072b2"
"""Training accuracy, and that on images which are not trained on."""
COLOURS = {"helps": UP, "hurts": DOWN, "within": OPEN, "open": OPEN}
HOURGLASS = "M-1,-1L1,-1L-1,1L1,1Z"
"""An outline of our own: Vega has no other closed shape that does not point somewhere."""
SHAPES = {"helps": "circle", "hurts": "square", "within": HOURGLASS, "open": "diamond"}
WIDTH = 560
"""Of a figure's frame; the names of arms stand beside it."""
LONGEST = 620
"""Pixels of a title; a longer one ends in an ellipsis."""
NAME = 260
"""Pixels of an arm's name beside an axis."""


def shapes_say(score: str) -> str:
    """The line that explains the shapes of points."""
    return f"{score}: circle helps, square hurts, hourglass stays within the margin, diamond not decided"


def kind_colour() -> alt.Color:
    """Of rows whose `kind` is a key of COLOURS."""
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    return alt.Color("kind:N", scale=scale, legend=None)


def literal_shape() -> alt.Shape:
    """Of rows whose `shape` is Vega's own word for one: what an arm does, or the way to where it lies."""
    return alt.Shape("shape:N", scale=None, legend=None)


def themed(chart: Any) -> alt.TopLevelMixin:
    """A chart in the fonts and colours that all figures share.

    Its parts have no labels of their own for those who hear the page: the whole has one, which states the finding.
    """
    font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
    plain = {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12}
    lines = {"gridColor": FAINT, "gridOpacity": 0.2, "domainColor": FAINT, "tickColor": FAINT}
    title = {"color": INK, "fontSize": 15, "subtitleColor": INK, "subtitleFontSize": 12, "subtitlePadding": 6}
    return (
        chart.configure(background=PAPER, font=font, padding=12, aria=False)
        .configure_view(stroke=None)
        .configure_axis(titleFontWeight="normal", **plain, **lines)
        .configure_title(anchor="start", offset=12, limit=LONGEST, **title)
        .configure_legend(labelColor=INK, labelFontSize=12)
        .configure_header(labelColor=INK)
    )
