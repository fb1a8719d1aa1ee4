"""The forest: every arm's effect on test accuracy with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from ablations.arms import BASELINE, SHAM
from reports.effects import Effect, effects
from reports.figures.theme import DOWN, FAINT, INK, OPEN, UP, themed
from reports.study import Study
from reports.tables import plus_minus, points, signed
from reports.verdicts import DECIDED

FARTHEST = 4.0
"""An arm whose effect is so many times the median arm's would squash all others; the axis leaves it out and says so."""


def forest(study: Study) -> alt.TopLevelMixin:
    """Effects on test accuracy with their simultaneous intervals, a dot per seed, the margin as a band."""
    panels: Any = [_forest_of(study, model) for model in study.models]
    return themed(alt.vconcat(*panels, spacing=24))


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


def forest_in_words(study: Study) -> str:
    """Every arm's effect, and whether it is decided."""
    found = [e for e in effects(study) if not math.isnan(e.accuracy.mean)]
    words = [f" ({e.verdict})" if e.verdict in DECIDED else "" for e in found]
    parts = [f"{e.arm} {signed(e.accuracy.mean)} points{word}" for e, word in zip(found, words, strict=True)]
    return "Forest plot of effects on test accuracy: " + ", ".join(parts) + "."
