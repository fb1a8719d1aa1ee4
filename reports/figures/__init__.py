"""Figures as vector and pixel pictures and as something to point at. The home of Altair."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import altair as alt

from reports.figures.claims import CLAIM_SHAPES_SAY as CLAIM_SHAPES_SAY
from reports.figures.claims import claim_figure as claim_figure
from reports.figures.claims import has_claim_figure as has_claim_figure
from reports.figures.cost import cost, cost_in_words, has_cost
from reports.figures.curves import curves, curves_in_words, has_curves
from reports.figures.dose import dose, dose_in_words
from reports.figures.forest import forest, forest_in_words, has_forest
from reports.figures.heatmap import has_heatmap, heatmap, heatmap_in_words
from reports.figures.interactions import has_interactions, interactions_figure, interactions_in_words
from reports.figures.layers import has_layers, layers, layers_in_words
from reports.figures.plane import has_plane, plane, plane_in_words
from reports.figures.rendering import drawing as drawing
from reports.figures.rendering import interactive as interactive
from reports.figures.rendering import javascript as javascript
from reports.figures.rendering import render as render
from reports.figures.theme import FAINT as FAINT
from reports.figures.theme import INK as INK
from reports.figures.theme import PAPER as PAPER
from reports.inference.doses import dose_curves
from reports.study import Study

Chart: TypeAlias = alt.TopLevelMixin
DOSE = "dose-"
"""Before the factor's name."""


class Figure(NamedTuple):
    """One kind of figure: whether a study has data for it, how it is drawn, what it says in words."""

    there: Callable[[Study], bool]
    draw: Callable[[Study], alt.TopLevelMixin]
    in_words: Callable[[Study], str]


FIGURES = {
    "forest": Figure(has_forest, forest, forest_in_words),
    "plane": Figure(has_plane, plane, plane_in_words),
    "heatmap": Figure(has_heatmap, heatmap, heatmap_in_words),
    "cost": Figure(has_cost, cost, cost_in_words),
    "curves": Figure(has_curves, curves, curves_in_words),
    "layers": Figure(has_layers, layers, layers_in_words),
    "interactions": Figure(has_interactions, interactions_figure, interactions_in_words),
}
"""In the order in which a reader needs them."""


def figures(study: Study) -> dict[str, alt.TopLevelMixin]:
    """The figures that the study has data for, by file name."""
    made = {name: figure.draw(study) for name, figure in FIGURES.items() if figure.there(study)}
    doses = dose_curves(study).items()
    return made | {f"{DOSE}{factor}": dose(study, panels) for factor, panels in doses}


def describe(study: Study, figure: str) -> str:
    """The alternative text: the picture's finding, in some 600 characters at most."""
    if figure.startswith(DOSE):
        return dose_in_words(study, dose_curves(study)[figure.removeprefix(DOSE)])
    return FIGURES[figure].in_words(study)
