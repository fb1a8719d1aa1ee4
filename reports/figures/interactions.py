"""Interactions as a picture: what pairs do beyond the sum of what each of the two does alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from reports.figures.axes import Axis, differing, effect_axis, shared, with_room
from reports.figures.chosen import drawn_models, foremost, models_left_out, rows_of_each
from reports.figures.lanes import STEP, band, lane, lane_y, lanes, scale
from reports.figures.theme import FAINT, INK, PAPER, themed
from reports.figures.tips import told
from reports.figures.wording import brief, counted, grouped, left_out, on_model, shortened
from reports.inference.interactions import Interaction, interactions
from reports.numbers import plus_minus, points, signed
from reports.study import Study

KINDS = {
    "more than the sum": "helps", "less than the sum": "hurts", "no interaction larger than the margin": "within",
}  # fmt: skip
VERBS = (
    ("more than the sum", "does more than the sum", "do more than the sum"),
    ("less than the sum", "does less than the sum", "do less than the sum"),
    ("no interaction larger than the margin", "is the sum within the margin", "are the sum within the margin"),
)
"""What one pair, and what several do, of which that is the verdict."""
TIPS = told(
    pair="arm:N", interaction="effect:N", verdict="verdict:N", sum_of_both_alone="sum:Q", together="both:Q", seeds="n:Q"
)
SIDE = 210
"""Pixels of the panel with sums."""


def interactions_figure(study: Study) -> alt.TopLevelMixin:
    """A row per pair: the sum of both alone beside both together, and the interaction with its interval."""
    models = [model for model in drawn_models(study) if _found(study, model)]
    drawn = [foremost(_found(study, model), rows_of_each(study)) for model in models]
    axes = shared([effect_axis([i.accuracy for i in each], [], study.margin) for each in drawn])
    sums = shared([_sums_axis(each, study.margin) for each in drawn])
    notes = [*(differing(axes) or differing(sums)), *models_left_out(study)]
    panels: Any = [_panel(study, *each, notes) for each in zip(drawn, axes, sums, strict=True)]
    return themed(alt.vconcat(*panels, spacing=24))


def has_interactions(study: Study) -> bool:
    return any(_found(study, model) for model in drawn_models(study))


def _found(study: Study, model: str) -> list[Interaction]:
    """The largest first."""
    found = [i for i in interactions(study) if i.model == model and not math.isnan(i.accuracy.mean)]
    return sorted(found, key=lambda i: -i.accuracy.mean)


def _panel(
    study: Study, drawn: Sequence[Interaction], axis: Axis, sums: Axis, notes: Sequence[str]
) -> alt.TopLevelMixin:
    model, of = drawn[0].model, len(_found(study, drawn[0].model))
    rows = [_row(i, axis) for i in drawn]
    forest = lanes(rows, axis, study.margin, "interaction, in points: both together less the sum", TIPS)
    panels: Any = [forest.properties(width=330), _sums(rows, sums)]
    lines = [*_caption(study, rows, drawn[0].family), *left_out(len(drawn), of, "pairs"), *notes]
    title = alt.Title(f"What pairs do beyond the sum of both ({shortened(model)})", subtitle=lines)
    return alt.hconcat(*panels, spacing=20).properties(title=title)


def _row(i: Interaction, axis: Axis) -> dict[str, Any]:
    known = {
        "sum": i.one_effect + i.other_effect, "both": i.effect, "verdict": i.summary, "n": i.accuracy.n,
        "effect": plus_minus(i.accuracy.mean, i.accuracy.half),
    }  # fmt: skip
    return lane(i.arm, i.accuracy, KINDS.get(i.verdict, "open"), axis, known)


def _sums_axis(drawn: Sequence[Interaction], margin: float) -> Axis:
    ends = [value for i in drawn for value in (i.one_effect + i.other_effect, i.effect)]
    return with_room(min([*ends, -margin]), max([*ends, margin]))


def _sums(rows: Sequence[dict[str, Any]], axis: Axis) -> Any:
    """A line from the sum of both alone, hollow, to both together, filled."""
    x, both = (alt.X(f"{name}:Q", scale=scale(axis), title="effects, in points") for name in ("sum", "both"))
    base = alt.Chart().encode(y=lane_y(rows, named=False), tooltip=TIPS)
    layers = [
        *band(0, axis)[1:],
        base.mark_rule(color=FAINT, strokeWidth=1.5).encode(x=x, x2="both:Q"),
        base.mark_point(filled=False, size=70, stroke=INK, fill=PAPER, strokeWidth=1.5, opacity=1).encode(x=x),
        base.mark_point(filled=True, size=70, color=INK, opacity=1).encode(x=both),
    ]
    return alt.layer(*layers, data=alt.Data(values=list(rows))).properties(width=SIDE, height=alt.Step(STEP))


def _caption(study: Study, rows: Sequence[dict[str, Any]], family: int) -> list[str]:
    beyond = "; arrow: beyond the axis" if any(row["edge"] for row in rows) else ""
    return [
        f"left: 95 % simultaneous intervals of {counted(family, 'interaction', 'interactions')}; "
        f"band: margin, ±{points(study.margin)}{beyond}",
        "circle: more than the sum, square: less, hourglass: the sum within the margin, diamond: not decided",
        "right: hollow is the sum of both effects alone, filled both together",
    ]


def interactions_in_words(study: Study) -> str:
    """Which pairs do more and which less than the sum."""
    several = len(study.models) > 1
    models = [model for model in drawn_models(study) if _found(study, model)]
    return brief(
        ["Interactions of pairs.", *(_model_in_words(_found(study, model), model, several) for model in models)]
    )


def _model_in_words(found: Sequence[Interaction], model: str, several: bool) -> str:
    ranked = sorted(found, key=lambda i: -abs(i.accuracy.mean))
    sizes = {verdict: [_size(i) for i in ranked if i.verdict == verdict] for verdict, _, _ in VERBS}
    parts = grouped(((sizes[verdict], one, many) for verdict, one, many in VERBS), most=4)
    none = sum(i.verdict not in KINDS for i in found)
    parts += [f"of {none} no interaction is shown"] if none else []
    pairs = counted(len(found), "pair", "pairs")
    return f"{on_model(model, several, 'of')} {pairs}, {'; '.join(parts)}."


def _size(i: Interaction) -> str:
    return f"{shortened(i.arm, 30)} ({signed(i.accuracy.mean)})"
