"""Dose curves: training and test accuracy against the one number in which a factor's levels differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from ablations.arms import BASELINE
from reports.figures.chosen import MOST_MODELS, MOST_SEEDS
from reports.figures.theme import HELD_OUT, INK, TRAIN, themed
from reports.figures.wording import brief
from reports.inference.doses import DoseCurve, dose_means, dose_runs
from reports.study import Study

COLOURS = {"train": TRAIN, "test": HELD_OUT}
SHAPES = {"train": "square", "test": "circle"}
SIDES = {"train": -4, "test": 4}
"""Pixels beside the dose, so that neither part hides the other."""
TIPS = [
    *(alt.Tooltip(f"{name}:N") for name in ("arm", "dose", "part")),
    *(alt.Tooltip(f"{name}:Q", format=".1f") for name in ("mean", "low", "high")),
]
MOST_TOLD = 8
"""Doses whose accuracies are said in words."""
DOSES_SAY = "means over seeds (small dots{}) with 95 % t intervals, each of its own mean"


def dose(study: Study, curves: Sequence[DoseCurve]) -> alt.TopLevelMixin:
    """Mean accuracies by dose, a panel per model, a small dot per seed; the baseline as a line and in its place."""
    panels: Any = [_panel(study, curve) for curve in curves[:MOST_MODELS]]
    return themed(alt.vconcat(*panels, spacing=24))


def _panel(study: Study, curve: DoseCurve) -> alt.TopLevelMixin:
    means, runs = dose_means(study, curve), dose_runs(study, curve)
    thinned = len(study.seeds) > MOST_SEEDS
    runs = runs.groupby(["arm", "part"], sort=False).head(MOST_SEEDS)
    means = means.astype(object).where(means.notna(), None)  # what is not a number is not drawn
    baseline = alt.Chart(means[means["arm"] == BASELINE]).mark_rule(strokeDash=[5, 4], opacity=0.75)
    x, score = _x(curve), study.score
    layers = [
        baseline.encode(y=_y("mean", score), color=_colour()),
        *(layer for part in COLOURS for layer in _part(part, _of(means, part), _of(runs, part), x, score)),
    ]
    lines = _caption(curve, thinned, score)
    title = alt.Title(f"What {curve.factor} does by dose ({curve.model})", subtitle=lines)
    return alt.layer(*layers).properties(width=560, height=260, title=title)


def _of(frame: pd.DataFrame, part: str) -> pd.DataFrame:
    return frame[(frame["part"] == part) & frame["dose"].notna()]


def _part(part: str, means: pd.DataFrame, runs: pd.DataFrame, x: alt.X, score: str) -> list[alt.Chart]:
    """One line with its intervals, beside its seeds; a ring about the baseline's point."""
    side = SIDES[part]
    mean = alt.Chart(means).encode(x=x, y=_y("mean", score), color=_colour())
    seeds = alt.Chart(runs).encode(x=x, y=_y("accuracy", score), color=_colour())
    ring = alt.Chart(means[means["arm"] == BASELINE]).encode(x=x, y=_y("mean", score))
    return [
        seeds.mark_circle(size=16, opacity=0.5, xOffset=2.5 * side),
        mean.mark_line(strokeWidth=1.6, xOffset=side),
        mean.mark_rule(strokeWidth=2.5, xOffset=side).encode(y=_y("low", score), y2="high:Q"),
        mean.mark_point(filled=True, size=75, opacity=1, xOffset=side).encode(shape=_shape(), tooltip=TIPS),
        ring.mark_point(size=230, strokeWidth=1.5, color=INK, opacity=1, xOffset=side),
    ]


def _x(curve: DoseCurve) -> alt.X:
    doses = list(dict.fromkeys(curve.placed.values()))
    scale = alt.Scale(type="log", nice=False, padding=24) if curve.logarithmic else alt.Scale(zero=False, padding=24)
    axis = alt.Axis(values=doses, format=",~r", grid=False, labelOverlap="greedy")
    how = " (logarithmic)" if curve.logarithmic else ""
    return alt.X("dose:Q", scale=scale, axis=axis, title=f"{curve.factor}: {curve.setting}{how}")


def _y(name: str, score: str) -> alt.Y:
    return alt.Y(f"{name}:Q", title=f"{score}, %", scale=alt.Scale(zero=False, nice=True))


def _colour() -> alt.Color:
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    legend = alt.Legend(title=None, orient="right", symbolOpacity=1, symbolSize=80, symbolType="circle")
    return alt.Color("part:N", scale=scale, legend=legend)


def _shape() -> alt.Shape:
    scale = alt.Scale(domain=list(SHAPES), range=list(SHAPES.values()))
    return alt.Shape("part:N", scale=scale, legend=alt.Legend(title=None, orient="right"))


def _caption(curve: DoseCurve, thinned: bool, score: str) -> list[str]:
    ringed = f"ringed at {curve.baseline:g}" if BASELINE in curve.placed else "which has no place on this axis"
    said = DOSES_SAY.format(f", the first {MOST_SEEDS}" if thinned else "")
    return [said, f"dashed: the baseline, {ringed}; training {score}: against the labels trained on"]


def dose_in_words(study: Study, curves: Sequence[DoseCurve]) -> str:
    """Test accuracy at each dose, the best one, and what training accuracy does from end to end."""
    return brief([_curve_in_words(dose_means(study, curve), curve, study.score) for curve in curves])


def _curve_in_words(means: pd.DataFrame, curve: DoseCurve, score: str) -> str:
    test, train = (means[means["part"] == part].set_index("arm")["mean"] for part in ("test", "train"))
    arms = [arm for arm in curve.placed if arm in test]
    told = [
        f"{curve.placed[arm]:g}{' (the baseline)' * (arm == BASELINE)} {test[arm]:.1f} %"
        for arm in arms[:: max(1, -(-len(arms) // MOST_TOLD))]
    ]
    best = max(arms, key=lambda arm: test[arm])
    text = f"Test {score} on {curve.model} by {curve.factor} {curve.setting}: {', '.join(told)}; "
    text += f"highest at {curve.placed[best]:g}."
    if arms[0] in train and arms[-1] in train:
        text += f" Training {score} goes from {train[arms[0]]:.1f} to {train[arms[-1]]:.1f} %."
    return text
