"""The forest: every arm's effect on test accuracy with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt

from ablations.arms import SHAM
from reports.figures.axes import Axis, differing, effect_axis, shared
from reports.figures.chosen import (
    MOST_SEEDS,
    decided,
    declared_looks,
    drawn_models,
    foremost,
    measured,
    models_left_out,
    rows_of_each,
    seed_differences,
)
from reports.figures.lanes import lane, lane_y, lanes, scale
from reports.figures.theme import FAINT, shapes_say, themed
from reports.figures.tips import EFFECT_TIPS, effect_told, kind_of, told
from reports.figures.wording import brief, counted, grouped, left_out, on_model, shortened
from reports.inference.effects import Effect
from reports.numbers import points, signed
from reports.study import Study

VERBS = (
    ("helps", "helps", "help"),
    ("hurts", "hurts", "hurt"),
    ("no effect larger than the margin", "stays within the margin", "stay within the margin"),
)
"""What one arm, and what several do, of which that is the verdict."""


class Panel(NamedTuple):
    """What is drawn of one model."""

    model: str
    drawn: list[Effect]
    of: int
    seeds: dict[str, list[tuple[int, float]]]
    """By arm, its differences to the baseline."""


def forest(study: Study) -> alt.TopLevelMixin:
    """Effects on test accuracy with their simultaneous intervals, a dot per seed, the margin as a band."""
    panels = [_panel(study, model) for model in drawn_models(study) if measured(study, model)]
    axes = shared([_axis(panel, study.margin) for panel in panels])
    notes = [*differing(axes), *models_left_out(study)]
    drawn: Any = [_drawn(study, panel, axis, notes) for panel, axis in zip(panels, axes, strict=True)]
    return themed(alt.vconcat(*drawn, spacing=24))


def has_forest(study: Study) -> bool:
    return any(measured(study, model) for model in drawn_models(study))


def _panel(study: Study, model: str) -> Panel:
    found = measured(study, model)
    drawn = foremost(found, rows_of_each(study))
    every = seed_differences(study, model)
    seeds = {e.arm: every.get(e.arm, [])[: min(e.accuracy.n, MOST_SEEDS)] for e in drawn}
    return Panel(model, drawn, len(found), seeds)


def _axis(panel: Panel, margin: float) -> Axis:
    dots = [difference for arm in panel.seeds.values() for _, difference in arm]
    return effect_axis([e.accuracy for e in panel.drawn], dots, margin)


def _drawn(study: Study, panel: Panel, axis: Axis, notes: Sequence[str]) -> alt.TopLevelMixin:
    rows = [forest_row(e, axis, panel.seeds[e.arm]) for e in panel.drawn]
    title = f"effect on test {study.score}, in points (arm minus baseline, same seed)"
    marks = lanes(rows, axis, study.margin, title, EFFECT_TIPS)
    lines = [*_caption(study, rows, panel.drawn, axis), *left_out(len(panel.drawn), panel.of), *notes]
    heading = alt.Title(f"What each arm does to test {study.score} ({shortened(panel.model)})", subtitle=lines)
    return (marks + _dots(rows, axis)).properties(title=heading)


def forest_row(e: Effect, axis: Axis, seeds: Sequence[tuple[int, float]]) -> dict[str, Any]:
    """A lane, with its seeds."""
    kept = {"seed": [seed for seed, _ in seeds], "difference": [difference for _, difference in seeds]}
    return lane(e.arm, e.accuracy, kind_of(e), axis, {**effect_told(e), **kept})


def _dots(rows: Sequence[dict[str, Any]], axis: Axis) -> alt.Chart:
    """A dot per seed below its interval; one beyond the axis is an arrow at its end."""
    low, high = axis.low, axis.high
    beside = f"datum.difference < {low} ? 'triangle-left' : datum.difference > {high} ? 'triangle-right' : 'circle'"
    seeds = alt.Chart().transform_flatten(["seed", "difference"]).transform_filter("isValid(datum.difference)")
    seeds = seeds.transform_calculate(at=f"clamp(datum.difference, {axis.inset(-1)}, {axis.inset(1)})", shape=beside)
    tips = [*told(arm="arm:N", seed="seed:Q"), alt.Tooltip("difference:Q", format="+.2f")]
    return seeds.mark_point(filled=True, size=16, opacity=0.6, color=FAINT, yOffset=8).encode(
        x=alt.X("at:Q", scale=scale(axis)), y=lane_y(rows), shape=alt.Shape("shape:N", scale=None), tooltip=tips
    )


def _caption(study: Study, rows: Sequence[dict[str, Any]], drawn: Sequence[Effect], axis: Axis) -> list[str]:
    fewest, most = min(e.accuracy.n for e in drawn), max(e.accuracy.n for e in drawn)
    seeds = f"{fewest} to {most} seeds" if fewest < most else f"{most} seed{'s' * (most != 1)}"
    dots = f"small dots, the first {MOST_SEEDS}" if most > MOST_SEEDS else "small dots"
    beyond = ["arrow: beyond the axis"] if any(row["edge"] for row in rows) else []
    cut = any(row["low"] == axis.low or row["high"] == axis.high for row in rows)
    return [
        f"95 % simultaneous intervals, {seeds} ({dots}); band: margin, ±{points(study.margin)}",
        shapes_say(study.score),
        *declared_looks(study),
        *filter(None, ["; ".join([*beyond, *(["an interval at the end of the axis goes on"] if cut else [])])]),
    ]


def forest_in_words(study: Study) -> str:
    """What is decided, with the sizes, and how many arms are not."""
    several = len(study.models) > 1
    models = [model for model in drawn_models(study) if measured(study, model)]
    told = [_model_in_words(study, model, several) for model in models]
    return brief([f"Forest plot of effects on test {study.score}, in points.", *told])


def _model_in_words(study: Study, model: str, several: bool) -> str:
    arms = [e for e in measured(study, model) if e.arm != SHAM]
    parts = grouped((_sizes([e for e in arms if e.verdict == verdict]), one, many) for verdict, one, many in VERBS)
    still_open = sum(not decided(e) for e in arms)
    parts += [counted(still_open, "is not decided", "are not decided")] if still_open else []
    return f"{on_model(model, several, 'of')} {len(arms)} arms, {'; '.join(parts)}."


def _sizes(group: Sequence[Effect]) -> list[str]:
    ranked = sorted(group, key=lambda e: -abs(e.accuracy.mean))
    return [f"{shortened(e.arm, 30)} {signed(e.accuracy.mean)}" for e in ranked]
