"""Figures as vector and pixel pictures: the forest of effects, dose curves, learning curves. The home of Altair."""

from __future__ import annotations

import math

import altair as alt

from reports.doses import dose_curves
from reports.effects import effects
from reports.figures.curves import curves, curves_in_words
from reports.figures.dose import dose, dose_in_words
from reports.figures.forest import forest, forest_in_words
from reports.figures.theme import FAINT as FAINT
from reports.figures.theme import INK as INK
from reports.figures.theme import PAPER as PAPER
from reports.figures.theme import render as render
from reports.study import Study

DOSE = "dose-"
"""Before the factor's name."""


def figures(study: Study) -> dict[str, alt.TopLevelMixin]:
    """The figures that the study has data for, by file name."""
    made: dict[str, alt.TopLevelMixin] = {}
    if any(not math.isnan(effect.accuracy.mean) for effect in effects(study)):
        made["forest"] = forest(study)
    for factor, panels in dose_curves(study).items():
        made[f"{DOSE}{factor}"] = dose(study, panels)
    if len(study.curves):
        made["curves"] = curves(study)
    return made


def describe(study: Study, figure: str) -> str:
    """The alternative text: what the picture shows, in words."""
    if figure.startswith(DOSE):
        return dose_in_words(study, dose_curves(study)[figure.removeprefix(DOSE)])
    return curves_in_words() if figure == "curves" else forest_in_words(study)
