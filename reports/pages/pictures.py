"""Pictures as parts of the page: the static drawing first, and the chart that a script may put in its place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from reports.figures.theme import DOWN, FAINT, INK, OPEN, PAPER, UP

SHOWN = {
    INK: "var(--ink)",
    PAPER: "var(--paper)",
    FAINT: "var(--faint)",
    UP: "var(--up)",
    DOWN: "var(--down)",
    OPEN: "var(--open)",
}
"""The colours of a drawing that are the page's own, so that it reads in the dark."""
TITLES = {
    "forest": "Effects",
    "plane": "Gap and {score}",
    "heatmap": "Arms by architecture",
    "cost": "Cost and gain",
    "curves": "Learning curves",
    "layers": "Layer by layer",
    "interactions": "Interactions in a picture",
}
"""By file name; any other is called by its own."""
DATA = ("data", "datasets")
"""Where a chart has its rows, in which nothing is a colour."""


@dataclass(frozen=True)
class Picture:
    """One figure in both forms."""

    svg: str
    chart: Mapping[str, Any]
    """What vega-embed takes; no request for data is in it."""


def title_of(name: str, score: str = "accuracy") -> str:
    """What a figure is called in the list of contents, by its file name."""
    return TITLES.get(name, "").format(score=score) or name.replace("-", " ").capitalize()


def inlined(svg: str, name: str) -> Markup:
    """A drawing as part of the page: its size is the column's, its ink the page's, its ids are its own."""
    svg = re.sub(r"\s(width|height)=\"[\d.]+\"", "", svg.partition(">")[0]) + ">" + svg.partition(">")[2]
    for drawn, shown in SHOWN.items():
        svg = svg.replace(f'"{drawn}"', f'"{shown}"')
    svg = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" ', 1))


def embedded(chart: Mapping[str, Any]) -> Markup:
    """A chart as JSON in the page's colours; no text in it can end the element that holds it."""
    return htmlsafe_json_dumps(_in_ink(chart), json.dumps, separators=(",", ":"))


def _in_ink(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {key: value if key in DATA else _in_ink(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_in_ink(value) for value in tree]
    return SHOWN.get(tree, tree) if isinstance(tree, str) else tree
