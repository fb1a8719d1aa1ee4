"""The heat map: arm by architecture, the effect printed in each cell."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from ablations.arms import SHAM
from reports.figures.chosen import MOST_ARMS, decided, drawn_models, measured, models_left_out
from reports.figures.theme import NAME, themed
from reports.figures.tips import EFFECT_TIPS, effect_told, told
from reports.figures.wording import brief, grouped, left_out, shortened
from reports.inference.effects import Effect
from reports.numbers import signed
from reports.study import Study

CELL = (78, 26)
"""Width and height in pixels."""
TINTS = ("#f2a878", "#f6f6f6", "#86bfe6")
"""Vermilion, nothing, blue: so light that dark print can be read on them, on a light page and on a dark one."""
PRINT = "#14171d"
HATCH = 8
"""Pixels from line to line."""
Cells = Mapping[str, Mapping[str, Effect]]


def heatmap(study: Study) -> alt.TopLevelMixin:
    """Effects on test accuracy, a row per arm and a column per model; what is not decided is hatched."""
    cells = _cells(study)
    arms = _drawn(cells)
    models = drawn_models(study)
    rows = [_row(e) for arm in arms for e in cells[arm].values()]
    x = alt.X("model:N", scale=alt.Scale(domain=models, padding=0), title=None, axis=_above(models))
    y = alt.Y(
        "arm:N",
        scale=alt.Scale(domain=arms, padding=0),
        title=None,
        axis=alt.Axis(labelLimit=NAME, ticks=False, domain=False),
    )
    drawn = alt.layer(*_layers(x, y, _reach(rows)), data=alt.Data(values=rows))
    lines = [*_caption(study), *left_out(len(arms), len(cells)), *models_left_out(study)]
    title = alt.Title(f"Effect on test {study.score} by architecture, in points", subtitle=lines)
    return themed(drawn.properties(width=alt.Step(CELL[0]), height=alt.Step(CELL[1]), title=title))


def has_heatmap(study: Study) -> bool:
    return len(study.models) > 1 and bool(_cells(study))


def _cells(study: Study) -> Cells:
    """By arm, from the best on average to the worst, the sham last; then by model."""
    cells: dict[str, dict[str, Effect]] = defaultdict(dict)
    for model in drawn_models(study):
        for e in measured(study, model):
            cells[e.arm][model] = e
    return {arm: cells[arm] for arm in sorted(cells, key=lambda arm: (arm == SHAM, -_mean(cells[arm])))}


def _mean(row: Mapping[str, Effect]) -> float:
    return statistics.fmean(e.accuracy.mean for e in row.values())


def _drawn(cells: Cells) -> list[str]:
    """As many arms as there is room for: the sham, those decided on the most models, the largest effects."""
    ranked = sorted(
        cells, key=lambda arm: (arm != SHAM, -sum(map(decided, cells[arm].values())), -abs(_mean(cells[arm])))
    )
    kept = set(ranked[:MOST_ARMS])
    return [arm for arm in cells if arm in kept]


def _row(e: Effect) -> dict[str, Any]:
    mark = "decided" if e.verdict in ("helps", "hurts") and e.arm != SHAM else "within" if decided(e) else "open"
    return {"arm": e.arm, "model": e.model, "mean": e.accuracy.mean, "label": signed(e.accuracy.mean), "mark": mark,
            **effect_told(e)}  # fmt: skip


def _reach(rows: Sequence[dict[str, Any]]) -> float:
    """Points at which a tint is full: twice the median decided effect, so that one far away cannot pale the rest."""
    sizes = [abs(row["mean"]) for row in rows if row["mark"] == "decided"]
    return 2 * statistics.median(sizes) if sizes else 1.0


def _above(models: Sequence[str]) -> alt.Axis:
    steep = any(len(model) > 11 for model in models)
    return alt.Axis(
        orient="top", labelAngle=-35 if steep else 0, labelAlign="left" if steep else "center", labelLimit=150,
        ticks=False, domain=False, labelPadding=6,
    )  # fmt: skip


def _layers(x: alt.X, y: alt.Y, reach: float) -> list[alt.Chart]:
    base = alt.Chart().encode(x=x, y=y)
    shade = alt.Scale(domain=[-reach, 0, reach], range=list(TINTS), clamp=True)
    number = base.encode(text="label:N", tooltip=EFFECT_TIPS + told(model="model:N"))
    tint = alt.condition("datum.mark === 'decided'", alt.Color("mean:Q", scale=shade, legend=None), alt.value(TINTS[1]))
    text: dict[str, Any] = {"fontSize": 12, "color": PRINT}
    return [
        base.mark_rect(stroke="#ffffff", strokeWidth=1.5).encode(
            color=tint, tooltip=EFFECT_TIPS + told(model="model:N")
        ),
        base.transform_filter("datum.mark === 'open'").mark_point(
            shape=hatching(*CELL), size=4, color="#8a93a3", strokeWidth=0.9, opacity=0.75, filled=False
        ),
        number.transform_filter("datum.mark === 'decided'").mark_text(fontWeight="bold", **text),
        number.transform_filter("datum.mark === 'within'").mark_text(**text),
        number.transform_filter("datum.mark === 'open'").mark_text(fontStyle="italic", **text),
    ]


def hatching(width: int, height: int) -> str:
    """Diagonals of a rectangle about the origin, as the path of a symbol of size 4, whose unit is a pixel."""
    right, bottom = width / 2 - 1, height / 2 - 1
    lines = []
    for start in range(-int(right + 2 * bottom), int(right), HATCH):
        first, last = max(start, -right), min(start + 2 * bottom, right)
        if last > first:
            lines.append(f"M{first:g},{bottom - (first - start):g}L{last:g},{bottom - (last - start):g}")
    return "".join(lines)


def _caption(study: Study) -> list[str]:
    return [
        "bold on colour: helps (blue) or hurts (orange); upright on plain: no effect larger than the margin",
        f"hatched, italic: not decided; simultaneous over {study.family} comparisons",
    ]


def heatmap_in_words(study: Study) -> str:
    """The arms that do the same everywhere, and those that do not."""
    cells, models = {arm: row for arm, row in _cells(study).items() if arm != SHAM}, drawn_models(study)
    verdicts = {arm: [e.verdict for e in row.values()] for arm, row in cells.items()}
    helping = [arm for arm, words in verdicts.items() if words == ["helps"] * len(models)]
    hurting = [arm for arm, words in verdicts.items() if words == ["hurts"] * len(models)]
    both = [arm for arm, words in verdicts.items() if {"helps", "hurts"} <= set(words)]
    groups = (
        (helping, "helps on all", "help on all"),
        (hurting, "hurts on all", "hurt on all"),
        (both, "helps on one and hurts on another", "help on one and hurt on another"),
    )
    parts = grouped(([shortened(arm, 30) for arm in arms], one, many) for arms, one, many in groups)
    rest = len(cells) - len(helping) - len(hurting) - len(both)
    parts += [f"of {rest} not every cell is decided alike"] if rest else []
    return brief(
        [f"Heat map of effects by architecture. Of {len(cells)} arms on {len(models)} models, {'; '.join(parts)}."]
    )
