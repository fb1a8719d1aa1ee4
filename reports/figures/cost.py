"""Cost against gain: what an arm's accuracy takes in training time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt

from ablations.arms import SHAM
from reports.figures.axes import ROOM, Axis, differing, effect_axis, shared
from reports.figures.chosen import decided, declared_looks, drawn_models, measured, models_left_out
from reports.figures.lanes import scale
from reports.figures.scatter import HEIGHT, MOST_POINTS, Spot, beyond_the_frame, marks, spots
from reports.figures.theme import FAINT, INK, WIDTH, shapes_say, themed
from reports.figures.tips import EFFECT_TIPS, told
from reports.figures.wording import brief, left_out, on_model, shortened
from reports.inference.effects import Effect
from reports.inference.intervals import Interval
from reports.numbers import few, signed
from reports.study import Study

WIDE = 4.0
"""Costs whose largest is so many times the smallest are shown on a logarithmic axis."""


class Bargain(NamedTuple):
    """What an arm costs, as a multiple of the baseline's training time, and what it gains, in points."""

    cost: float
    gain: float


BASELINE_AT = Bargain(1.0, 0.0)


def cost(study: Study) -> alt.TopLevelMixin:
    """Training time against the effect on test accuracy; arms that no other beats in both are ringed."""
    drawn = [_drawn(_priced(study, model)) for model in drawn_models(study) if _priced(study, model)]
    x = cost_axis([e.time_ratio for each in drawn for e in each])
    ys = shared([effect_axis([e.accuracy for e in each], [], study.margin) for each in drawn])
    notes = [*differing(ys), *models_left_out(study)]
    panels: Any = [_panel(study, each, x, y, notes) for each, y in zip(drawn, ys, strict=True)]
    return themed(alt.vconcat(*panels, spacing=24))


def has_cost(study: Study) -> bool:
    return any(_priced(study, model) for model in drawn_models(study))


def _priced(study: Study, model: str) -> list[Effect]:
    return [e for e in measured(study, model) if math.isfinite(e.time_ratio) and e.time_ratio > 0]


def undominated(bargains: Sequence[Bargain]) -> list[bool]:
    """Which of them no other beats: none costs less and gains as much, or gains more and costs as much (Pareto)."""
    order = sorted(range(len(bargains)), key=lambda at: (bargains[at].cost, -bargains[at].gain))
    kept, best, paid = [False] * len(bargains), -math.inf, math.nan
    for at in order:
        cost, gain = bargains[at]
        kept[at] = gain > best or (gain == best and cost == paid)
        if gain > best:
            best, paid = gain, cost
    return kept


def frontier(found: Sequence[Effect]) -> list[Effect]:
    """The arms on it, the cheapest first; the baseline takes part, the sham, which is a control, does not."""
    arms = [e for e in found if e.arm != SHAM]
    kept = undominated([BASELINE_AT, *(Bargain(e.time_ratio, e.accuracy.mean) for e in arms)])[1:]
    return sorted((e for e, best in zip(arms, kept, strict=True) if best), key=lambda e: e.time_ratio)


def _drawn(found: Sequence[Effect]) -> list[Effect]:
    best = frontier(found)
    return [*best, *sorted((e for e in found if e not in best), key=_rank)][:MOST_POINTS]


def _panel(study: Study, drawn: Sequence[Effect], x: Axis, y: Axis, notes: Sequence[str]) -> alt.TopLevelMixin:
    model, found = drawn[0].model, _priced(study, drawn[0].model)
    best = frontier(found)
    rows = spots([_spot(e, e in best) for e in drawn], x, y)
    how = alt.Scale(domain=[x.low, x.high], nice=False, type="log" if x.logarithmic else "linear")
    across = alt.X("x:Q", scale=how, title="training time, as a multiple of the baseline's", axis=_ticks(x))
    up = alt.Y("y:Q", scale=scale(y), title=f"effect on test {study.score}, in points")
    lines = [*_caption(study, rows, x), *declared_looks(study), *left_out(len(drawn), len(found)), *notes]
    layers = [*_background(best, across, up, y), *marks(across, up, [*EFFECT_TIPS, *told(time_ratio="x:Q")])]
    title = alt.Title(f"What {study.score} costs ({shortened(model)})", subtitle=lines)
    return alt.layer(*layers, data=alt.Data(values=rows)).properties(width=WIDTH, height=HEIGHT, title=title)


def _rank(e: Effect) -> tuple[bool, float]:
    return not decided(e), -abs(e.accuracy.mean)


def _spot(e: Effect, best: bool) -> Spot:
    exact = Interval(e.accuracy.n, e.time_ratio, 0.0)
    return Spot(e, exact, e.accuracy, best or decided(e), signed(e.accuracy.mean))


def cost_axis(ratios: Sequence[float]) -> Axis:
    """The axis of time ratios, the baseline's 1 on it; logarithmic where they are wide apart."""
    low, high = min([*ratios, 1.0]), max([*ratios, 1.0])
    if high > WIDE * low:
        room = (high / low) ** ROOM
        return Axis(low / room, high * room, logarithmic=True)
    room = ROOM * max(high - low, 0.2)
    return Axis(low - room, high + room)


def _ticks(x: Axis) -> alt.Axis:
    return alt.Axis(format="~r", tickCount=8, labelOverlap="greedy", grid=not x.logarithmic)


def _background(best: Sequence[Effect], across: alt.X, up: alt.Y, y: Axis) -> list[alt.Chart]:
    """No gain, the baseline, and the stair of arms that no other beats."""
    stair = alt.Data(values=[{"x": e.time_ratio, "y": y.held(e.accuracy.mean)} for e in best])
    nothing = alt.Chart(alt.Data(values=[{"x": 1, "y": 0, "arm": "baseline"}])).encode(x=across, y=up)
    line = alt.Chart(stair).mark_line(interpolate="step-after", color=FAINT, strokeDash=[4, 3], strokeWidth=1.3)
    ring = alt.Chart(stair).mark_point(size=240, color=INK, strokeWidth=1.4, filled=False, opacity=1)
    return [
        alt.Chart(alt.Data(values=[{}])).mark_rule(color=INK, opacity=0.6).encode(y=alt.YDatum(0)),
        line.encode(x=across, y=up),
        ring.encode(x=across, y=up),
        nothing.mark_point(shape="cross", filled=True, color=INK, size=120, opacity=1),
        nothing.mark_text(text="baseline", color=INK, fontSize=11, dx=-10, align="right", fontStyle="italic"),
    ]


def _caption(study: Study, rows: Sequence[dict[str, Any]], x: Axis) -> list[str]:
    how = " (logarithmic)" if x.logarithmic else ""
    return [
        f"bars: 95 % simultaneous intervals; time is that of training alone{how}; + baseline",
        "ringed, dashed: no other arm gains more for less time, by the estimates",
        shapes_say(study.score),
        *beyond_the_frame(rows),
    ]


def cost_in_words(study: Study) -> str:
    """The arms that no other beats in both, with their prices."""
    several = len(study.models) > 1
    models = [model for model in drawn_models(study) if _priced(study, model)]
    return brief(["Cost against gain.", *(_model_in_words(_priced(study, model), model, several) for model in models)])


def _model_in_words(found: Sequence[Effect], model: str, several: bool) -> str:
    where = on_model(model, several, "by")
    best = [e for e in reversed(frontier(found)) if e.accuracy.mean > 0]
    if not best:
        return f"{where} the estimates no arm gains anything on the baseline."
    said = [
        f"{shortened(e.arm, 30)} ({signed(e.accuracy.mean)} points, {e.time_ratio:.2g} times the time)" for e in best
    ]
    return f"{where} the estimates no other arm gains more for less training time than {few(said, 4)}."
