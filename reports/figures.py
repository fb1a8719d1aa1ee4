"""Figures: the forest of effects and the learning curves, as vector and pixel pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from ablations.arms import BASELINE, SHAM
from reports.effects import Effect, effects
from reports.study import Study
from reports.tables import plus_minus, points, signed
from reports.verdicts import DECIDED

INK, PAPER = "#1f2430", "#ffffff"
FAINT = "#8a93a3"
UP, DOWN, OPEN = "#0072b2", "#d55e00", "#7d8694"
"""Blue and vermilion of Okabe and Ito (2008), told apart by colour-blind readers; grey where nothing is decided."""
PARTS = {"train": "#d55e00", "validation": "#0072b2"}
FARTHEST = 4.0
"""An arm whose effect is so many times the median arm's would squash all others; the axis leaves it out and says so."""
CURVES_SAY = [
    "every seed thin, their mean thick; the point marks the checkpoint that is measured (last epoch)",
    "training: running mean over the epoch, against the labels trained on, augmented and with dropout",
]
SHARPNESS = 1.5
"""Pixels of a PNG per unit of the drawing."""
MOST_EPOCHS = 40
"""Points of a curve; a screen shows no more of one in a small panel."""


def figures(study: Study) -> dict[str, alt.TopLevelMixin]:
    """The figures that the study has data for, by file name."""
    made: dict[str, alt.TopLevelMixin] = {}
    if any(not math.isnan(effect.accuracy.mean) for effect in effects(study)):
        made["forest"] = forest(study)
    if len(study.curves):
        made["curves"] = curves(study)
    return made


def render(chart: alt.TopLevelMixin) -> dict[str, bytes]:
    """A chart as `svg` and `png`."""
    with alt.data_transformers.enable("default", max_rows=None):
        spec = chart.to_dict()
    svg = vl_convert.vegalite_to_svg(spec)
    return {"svg": svg.encode(), "png": vl_convert.svg_to_png(svg, scale=SHARPNESS)}


def forest(study: Study) -> alt.TopLevelMixin:
    """Effects on test accuracy with their simultaneous intervals, a dot per seed, the margin as a band."""
    panels: Any = [_forest_of(study, model) for model in study.models]
    return _themed(alt.vconcat(*panels, spacing=24))


def _forest_of(study: Study, model: str) -> alt.TopLevelMixin:
    found = [e for e in effects(study) if e.model == model and not math.isnan(e.accuracy.mean)]
    seeds = _seed_differences(study, model, found)
    low, high = axis_range(found, seeds, study.margin)
    frame = pd.DataFrame([_forest_row(e, low, high) for e in found])
    seeds = seeds[seeds["difference"].between(low, high)]
    y = alt.Y(
        "arm:N", sort=[e.arm for e in found], title=None, axis=alt.Axis(labelLimit=260, ticks=False, domain=False)
    )
    scale = alt.Scale(domain=[low, high], nice=False)
    x = alt.X(
        "mean:Q",
        scale=scale,
        title="effect on test accuracy, in points (arm minus baseline, same seed)",
        axis=alt.Axis(tickCount=10),
    )
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=["helps", "hurts", "open"], range=[UP, DOWN, OPEN]), legend=None
    )
    inside = alt.Chart(frame[frame["edge"] == ""])
    margin = pd.DataFrame([{"low": -study.margin, "high": study.margin}])
    layers = [
        alt.Chart(margin).mark_rect(color=FAINT, opacity=0.18).encode(x=alt.X("low:Q", scale=scale), x2="high:Q"),
        alt.Chart(pd.DataFrame([{"zero": 0}])).mark_rule(color=INK, opacity=0.7).encode(x=alt.X("zero:Q", scale=scale)),
        alt.Chart(seeds)
        .mark_circle(size=16, opacity=0.7, color=FAINT, yOffset=8)
        .encode(x=alt.X("difference:Q", scale=scale), y=y),
        inside.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q", scale=scale), x2="high:Q", y=y, color=colour),
        inside.mark_point(filled=True, size=95, opacity=1).encode(x=x, y=y, color=colour, shape=_shape()),
        *_beyond(frame[frame["edge"] == "left"], low + 0.015 * (high - low), scale, y, colour),
        *_beyond(frame[frame["edge"] == "right"], high - 0.015 * (high - low), scale, y, colour),
    ]  # fmt: skip
    return alt.layer(*layers).properties(
        width=560, height=alt.Step(30),
        title=alt.Title(f"What each arm does to test accuracy ({model})", subtitle=_forest_caption(study, frame)),
    )  # fmt: skip


def _beyond(frame: pd.DataFrame, edge: float, scale: alt.Scale, y: alt.Y, colour: alt.Color) -> list[alt.Chart]:
    """Arms off the axis: an arrow at its end, with the number in words."""
    if frame.empty:
        return []
    side = frame["edge"].iloc[0]
    base = alt.Chart(frame.assign(at=edge)).encode(x=alt.X("at:Q", scale=scale), y=y)
    arrow = base.mark_point(shape=f"triangle-{side}", filled=True, size=110, opacity=1).encode(color=colour)
    away = 12 if side == "left" else -12
    return [arrow, base.mark_text(align=side, dx=away, fontSize=12, color=INK).encode(text="label:N")]


def _shape() -> alt.Shape:
    scale = alt.Scale(domain=["helps", "hurts", "open"], range=["circle", "square", "diamond"])
    return alt.Shape("kind:N", scale=scale, legend=None)


def _forest_caption(study: Study, frame: pd.DataFrame) -> list[str]:
    n = study.runs["seed"].nunique()
    lines = [f"95 % simultaneous intervals, {n} seeds (small dots); band: margin of ±{points(study.margin)}"]
    lines.append(
        "circle: helps, square: hurts, diamond: not decided"
        + ("; arrow: beyond the axis" if frame["edge"].any() else "")
    )
    return lines


def axis_range(found: Sequence[Effect], seeds: pd.DataFrame, margin: float) -> tuple[float, float]:
    """The axis in points: all but the arms whose effect lies far beyond the median arm's."""
    sizes = sorted(abs(e.accuracy.mean) for e in found)
    limit = FARTHEST * max(sizes[len(sizes) // 2], 2 * margin)
    shown = [e for e in found if abs(e.accuracy.mean) <= limit]
    ends = [value for e in shown for value in (e.accuracy.low, e.accuracy.high) if not math.isnan(value)]
    ends += list(seeds[seeds["arm"].isin([e.arm for e in shown])]["difference"])
    low, high = min([*ends, -2 * margin]), max([*ends, 2 * margin])
    room = 0.06 * (high - low)
    return low - room, high + room


def _forest_row(e: Effect, low: float, high: float) -> dict[str, Any]:
    mean, interval = e.accuracy.mean, e.accuracy
    return {
        "arm": e.arm, "mean": mean, "low": None if math.isnan(interval.low) else interval.low,
        "high": None if math.isnan(interval.high) else interval.high,
        "kind": e.verdict if e.verdict in ("helps", "hurts") and e.arm != SHAM else "open",
        "edge": "left" if mean < low else "right" if mean > high else "", "label": plus_minus(mean, interval.half),
    }  # fmt: skip


def _seed_differences(study: Study, model: str, found: list[Effect]) -> pd.DataFrame:
    base = study.cell(model, BASELINE)["test_accuracy"]
    parts = [
        pd.DataFrame({"arm": e.arm, "difference": (study.cell(model, e.arm)["test_accuracy"] - base).dropna()})
        for e in found
    ]
    return pd.concat(parts) if parts else pd.DataFrame(columns=["arm", "difference"])


def curves(study: Study) -> alt.TopLevelMixin:
    """Training and validation accuracy by epoch, a panel per arm, every seed thin and their mean thick."""
    frame = curve_points(study.curves, several=len(study.models) > 1)
    panels = list(dict.fromkeys(frame["panel"]))
    colour = alt.Color(
        "part:N", scale=alt.Scale(domain=list(PARTS), range=list(PARTS.values())),
        legend=alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1),
    )  # fmt: skip
    dash = alt.StrokeDash("part:N", scale=alt.Scale(domain=list(PARTS), range=[[4, 2], [1, 0]]), legend=None)
    x = alt.X("epoch:Q", title="epoch", axis=alt.Axis(grid=False, tickMinStep=1, tickCount=4))
    y = alt.Y("value:Q", title="accuracy, %", scale=alt.Scale(domain=[0, 100]))
    base = alt.Chart()
    thin = base.mark_line(strokeWidth=0.7, opacity=0.28).encode(x=x, y=y, color=colour, detail="seed:N")
    thick = base.mark_line(strokeWidth=2.4).encode(x=x, y=alt.Y("mean(value):Q"), color=colour, strokeDash=dash)
    chosen = (
        base.transform_filter("datum.last").mark_point(filled=True, size=22, opacity=0.8).encode(x=x, y=y, color=colour)
    )
    header = alt.Header(labelFontSize=12, labelFontWeight="bold", labelBaseline="line-bottom")
    facet = alt.Facet("panel:N", sort=panels, title=None, header=header)
    panel = alt.layer(thin, thick, chosen, data=frame).properties(width=190, height=130)
    return _themed(
        panel.facet(facet=facet, columns=3).properties(title=alt.Title("Learning curves", subtitle=CURVES_SAY))
    )


def curve_points(curves: pd.DataFrame, several: bool) -> pd.DataFrame:
    """The accuracies of the curves, thinned to as many epochs as a small panel can show; the last one stays."""
    names = {"train_accuracy": "train", "val_accuracy": "validation"}
    frame = curves[curves["measure"].isin(names)].copy()
    last = frame.groupby(["model", "arm", "seed"])["epoch"].transform("max")
    step = max(1, math.ceil(frame["epoch"].max() / MOST_EPOCHS))
    frame["last"] = frame["epoch"] == last
    frame = frame[frame["last"] | ((frame["epoch"] - 1) % step == 0)]
    frame["part"] = frame["measure"].map(names)
    frame["panel"] = frame["arm"] + (" · " + frame["model"] if several else "")
    return frame[["panel", "seed", "epoch", "part", "value", "last"]]


def _themed(chart: Any) -> alt.TopLevelMixin:
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


def describe(study: Study, figure: str) -> str:
    """The alternative text: what the picture shows, in words."""
    if figure == "curves":
        return "Learning curves: training and validation accuracy by epoch, one panel per arm; the table has the ends."
    found = [e for e in effects(study) if not math.isnan(e.accuracy.mean)]
    words = [f" ({e.verdict})" if e.verdict in DECIDED else "" for e in found]
    parts = [f"{e.arm} {signed(e.accuracy.mean)} points{word}" for e, word in zip(found, words, strict=True)]
    return "Forest plot of effects on test accuracy: " + ", ".join(parts) + "."
