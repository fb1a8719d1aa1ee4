"""The plane: what every arm does to the gap, against what it does to accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt

from ablations.arms import SHAM
from reports.figures.axes import Axis, differing, effect_axis, shared
from reports.figures.chosen import decided, declared_looks, drawn_models, measured, models_left_out
from reports.figures.lanes import scale
from reports.figures.scatter import HEIGHT, MOST_POINTS, Spot, beyond_the_frame, marks, spots
from reports.figures.theme import FAINT, INK, WIDTH, shapes_say, themed
from reports.figures.tips import EFFECT_TIPS
from reports.figures.wording import brief, counted, grouped, left_out, on_model, shortened
from reports.inference.effects import Effect
from reports.numbers import points, signed
from reports.study import Study


class Quadrant(NamedTuple):
    """A corner of the plane, and what arms do that lie in it for sure: both their intervals leave out 0."""

    gap: int
    accuracy: int
    one: str
    many: str


def quadrants(score: str) -> tuple[Quadrant, ...]:
    """The four corners, in which the score has its name."""
    return (
        Quadrant(-1, 1, f"reduces overfitting and improves {score}", f"reduce overfitting and improve {score}"),
        Quadrant(-1, -1, "closes the gap by underfitting", "close the gap by underfitting"),
        Quadrant(1, 1, f"improves {score} although the gap grows", f"improve {score} although the gap grows"),
        Quadrant(1, -1, f"widens the gap and hurts {score}", f"widen the gap and hurt {score}"),
    )


def plane(study: Study) -> alt.TopLevelMixin:
    """Change of the gap against change of test accuracy, a cross of intervals per arm, four named quadrants."""
    models = [model for model in drawn_models(study) if _placed(study, model)]
    drawn = [sorted(_placed(study, model), key=_rank)[:MOST_POINTS] for model in models]
    xs = shared([effect_axis([e.gap for e in each], [], study.margin) for each in drawn])
    ys = shared([effect_axis([e.accuracy for e in each], [], study.margin) for each in drawn])
    notes = [*(differing(xs) or differing(ys)), *models_left_out(study)]
    panels: Any = [_panel(study, *each, notes) for each in zip(drawn, xs, ys, strict=True)]
    return themed(alt.vconcat(*panels, spacing=24))


def has_plane(study: Study) -> bool:
    return any(_placed(study, model) for model in drawn_models(study))


def _placed(study: Study, model: str) -> list[Effect]:
    return [e for e in measured(study, model) if not math.isnan(e.gap.mean)]


def quadrant(e: Effect) -> Quadrant | None:
    """The corner in which an arm lies for sure."""
    sides = _side(e.gap.low, e.gap.high), _side(e.accuracy.low, e.accuracy.high)
    return next((each for each in quadrants(e.score) if (each.gap, each.accuracy) == sides and e.arm != SHAM), None)


def _side(low: float, high: float) -> int:
    return (low > 0) - (high < 0)


def _panel(study: Study, drawn: Sequence[Effect], x: Axis, y: Axis, notes: Sequence[str]) -> alt.TopLevelMixin:
    model = drawn[0].model
    rows = spots([Spot(e, e.gap, e.accuracy, _named(e), _numbers(e)) for e in drawn], x, y)
    data = alt.Data(values=rows)
    across = alt.X(
        "x:Q",
        scale=scale(x),
        title="change of the gap, in points (left: less overfitting)",
        axis=alt.Axis(offset=20, tickCount=8),
    )
    up = alt.Y("y:Q", scale=scale(y), title=f"effect on test {study.score}, in points")
    layers = [*_background(study, x, y), *marks(across, up, EFFECT_TIPS)]
    lines = [*_caption(study, rows), *left_out(len(drawn), len(_placed(study, model))), *notes]
    title = alt.Title(f"Gap against {study.score} ({shortened(model)})", subtitle=lines)
    return alt.layer(*layers, data=data).properties(width=WIDTH, height=HEIGHT, title=title)


def _rank(e: Effect) -> tuple[bool, bool, float]:
    """Those for sure in a quadrant first, then those of which accuracy is decided, by size."""
    return quadrant(e) is None and e.arm != SHAM, not decided(e), -math.hypot(e.gap.mean, e.accuracy.mean)


def _named(e: Effect) -> bool:
    return decided(e) or e.gap_verdict in ("shrinks", "grows") or e.arm == SHAM


def _numbers(e: Effect) -> str:
    return f"{signed(e.accuracy.mean)}, gap {signed(e.gap.mean)}"


def _background(study: Study, x: Axis, y: Axis) -> list[alt.Chart]:
    """Margin bands, the lines at 0, and the quadrants' names in their corners."""
    margin = study.margin
    nothing = alt.Chart(alt.Data(values=[{}]))
    shade, line = nothing.mark_rect(color=FAINT, opacity=0.13), nothing.mark_rule(color=INK, opacity=0.6)
    return [
        shade.encode(x=alt.XDatum(x.held(-margin)), x2=alt.datum(x.held(margin))),
        shade.encode(y=alt.YDatum(y.held(-margin)), y2=alt.datum(y.held(margin))),
        line.encode(x=alt.XDatum(0)),
        line.encode(y=alt.YDatum(0)),
        *(_corner(nothing, each, x, y) for each in quadrants(study.score)),
    ]


def _corner(nothing: alt.Chart, each: Quadrant, x: Axis, y: Axis) -> alt.Chart:
    left, top = each.gap < 0, each.accuracy > 0
    text = nothing.mark_text(  # outside the frame, where no arm can lie
        text=each.one, color=FAINT, fontSize=11, fontStyle="italic", align="left" if left else "right",
        baseline="bottom" if top else "top", dx=4 if left else -4, dy=-5 if top else 5,
    )  # fmt: skip
    return text.encode(x=alt.XDatum(x.low if left else x.high), y=alt.YDatum(y.high if top else y.low))


def _caption(study: Study, rows: Sequence[dict[str, Any]]) -> list[str]:
    return [
        f"crosses: 95 % simultaneous intervals of both, cut off at the frame; bands: margin, ±{points(study.margin)}",
        shapes_say(study.score),
        *declared_looks(study),
        *beyond_the_frame(rows),
        *_unnamed(rows),
    ]


def _unnamed(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The line that says so where points have no name."""
    missing = sum("name" not in row for row in rows)
    return (
        [f"names: decided arms and the sham, as far as there is room; {counted(missing, 'has none', 'have none')}"]
        if missing
        else []
    )


def plane_in_words(study: Study) -> str:
    """How many arms lie for sure in which quadrant, and which."""
    several = len(study.models) > 1
    models = [model for model in drawn_models(study) if _placed(study, model)]
    told = [_model_in_words(study, model, several) for model in models]
    return brief([f"Change of the gap against {study.score}.", *told])


def _model_in_words(study: Study, model: str, several: bool) -> str:
    arms = [e for e in _placed(study, model) if e.arm != SHAM]
    ranked = sorted(arms, key=_rank)
    corners = quadrants(study.score)
    there = {each: [shortened(e.arm, 30) for e in ranked if quadrant(e) == each] for each in corners}
    parts = grouped((there[each], each.one, each.many) for each in corners)
    unsure = sum(quadrant(e) is None for e in arms)
    if unsure:
        parts.append(counted(unsure, "is in no quadrant for sure", "are in no quadrant for sure"))
    return f"{on_model(model, several, 'of')} {len(arms)} arms, {'; '.join(parts)}."
