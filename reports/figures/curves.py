"""Learning curves: accuracy by epoch, a panel per arm."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt
import pandas as pd

from ablations.arms import BASELINE, SHAM
from reports.figures.chosen import drawn_models, extremes, measured, models_left_out
from reports.figures.theme import HELD_OUT, TRAIN, themed
from reports.figures.wording import brief, shortened
from reports.numbers import few, number
from reports.study import Study

PARTS = {"train": TRAIN, "validation": HELD_OUT}
MEASURES = {"train_accuracy": "train", "val_accuracy": "validation"}
RUN = ["model", "arm", "seed"]
MOST_EPOCHS = 30
"""Points of a curve; a screen shows no more of one in a small panel."""
MOST_PANELS, FEWEST_PANELS = 24, 4
"""In all, and of a model in any case."""
MOST_SEEDS = 12
"""Thin lines of a panel; the mean is that of all."""


def curves(study: Study) -> alt.TopLevelMixin:
    """Training and validation accuracy by epoch, a panel per arm, every seed thin and their mean thick."""
    rows = list(curve_rows(study))
    panels = list(dict.fromkeys(row["panel"] for row in rows))
    base = alt.Chart().encode(x=_x(rows), y=_y(_shown(study)), color=_colour())
    single, mean = "isValid(datum.seed)", "!isValid(datum.seed)"
    dash = alt.StrokeDash("part:N", scale=alt.Scale(domain=list(PARTS), range=[[4, 2], [1, 0]]), legend=None)
    chosen = base.transform_filter(f"{single} && datum.epoch === datum.measured")
    layers = [
        base.transform_filter(single).mark_line(strokeWidth=0.7, opacity=0.28).encode(detail="seed:N"),
        base.transform_filter(mean).mark_line(strokeWidth=2.4).encode(strokeDash=dash),
        chosen.mark_point(filled=True, size=22, opacity=0.8).encode(tooltip=_tips(_shown(study))),
    ]
    panel = alt.layer(*layers, data=alt.Data(values=rows)).properties(width=190, height=130)
    header = alt.Header(labelFontSize=12, labelFontWeight="bold", labelBaseline="line-bottom", labelLimit=190)
    facet = alt.Facet("panel:N", sort=panels, title=None, header=header)
    title = alt.Title("Learning curves", subtitle=_caption(study, len(panels)))
    faceted = panel.facet(facet=facet, columns=3).transform_flatten(["epoch", *PARTS])
    return themed(faceted.transform_fold(list(PARTS), as_=["part", "value"]).properties(title=title))


def has_curves(study: Study) -> bool:
    return len(study.curves) > 0 and bool(study.curves["measure"].isin(list(MEASURES)).any())


def chosen_arms(study: Study) -> list[tuple[str, str]]:
    """Model and arm of each panel: the baseline, the best and the worst, the sham."""
    models = drawn_models(study)
    most = max(FEWEST_PANELS, MOST_PANELS // len(models))
    return [(model, arm) for model in models for arm in _of_model(study, model, most)]


def _of_model(study: Study, model: str, most: int) -> list[str]:
    ranked = [e.arm for e in measured(study, model)]
    ranked += [arm for arm in study.arm_names if arm not in set(ranked) and study.has(model, arm)]
    others = [arm for arm in ranked if arm not in (BASELINE, SHAM)]
    controls = [arm for arm in (BASELINE, SHAM) if arm in ranked]
    kept = extremes(others, most - len(controls))
    return [*(arm for arm in controls if arm == BASELINE), *kept, *(arm for arm in controls if arm == SHAM)]


def curve_rows(study: Study) -> Iterator[dict[str, Any]]:
    """A row per panel and seed, and one without a seed for the mean of all of them; its curves as lists by epoch."""
    points = curve_points(study)
    seeds = set(study.seeds[:MOST_SEEDS])
    wanted = chosen_arms(study)
    several = len(study.models) > 1
    groups = dict(iter(points.groupby(["model", "arm"], sort=False)))
    for model, arm in wanted:
        if (model, arm) in groups:
            group = groups[model, arm]
            panel = f"{arm} · {model}" if several else arm
            runs = group[group["seed"].isin(seeds)].groupby("seed", sort=True)
            yield from ({"panel": panel, **_numbers(run), **_lists(run)} for _, run in runs)
            yield {"panel": panel, "seed": None, "measured": None, **_lists(_mean(group))}


def curve_points(study: Study) -> pd.DataFrame:
    """The accuracies of the chosen arms, thinned to as many epochs as a small panel can show: a row per run and epoch.

    The last epoch and the measured one stay. `shared` tells the epochs that all runs have in common.
    """
    wanted = pd.DataFrame(chosen_arms(study), columns=["model", "arm"])
    frame = study.curves[study.curves["measure"].isin(list(MEASURES))].merge(wanted, on=["model", "arm"])
    wide = frame.set_index([*RUN, "epoch", "measure"])["value"].unstack().rename(columns=MEASURES).reset_index()
    wide = wide.reindex(columns=[*RUN, "epoch", *PARTS]).merge(
        study.runs[[*RUN, "checkpoint_epoch"]], on=RUN, how="left"
    )
    last = wide.groupby(RUN)["epoch"].transform("max")
    step = max(1, math.ceil(wide["epoch"].max() / MOST_EPOCHS)) if len(wide) else 1
    wide["measured"] = wide["checkpoint_epoch"].astype(float).fillna(last).astype(int)
    wide["shared"] = (wide["epoch"] - 1) % step == 0
    return wide[wide["shared"] | (wide["epoch"] == wide["measured"]) | (wide["epoch"] == last)]


def _mean(group: pd.DataFrame) -> pd.DataFrame:
    """The mean over seeds, where at least half of them were still trained: of fewer it would jump."""
    runs = group["seed"].nunique()
    ends = group["shared"] | (group["epoch"] == group["epoch"].max())
    by_epoch = group[ends].groupby("epoch")
    means = by_epoch[list(PARTS)].mean()[by_epoch.size() * 2 >= runs]
    return means.reset_index()


def _numbers(run: pd.DataFrame) -> dict[str, int]:
    return {name: int(run[name].iloc[0]) for name in ("seed", "measured")}


def _lists(run: pd.DataFrame) -> dict[str, list[Any]]:
    values = {part: [None if math.isnan(each) else each for each in run[part].astype(float)] for part in PARTS}
    return {"epoch": run["epoch"].astype(int).tolist(), **values}


def _x(rows: Sequence[dict[str, Any]]) -> alt.X:
    last = max(epoch for row in rows for epoch in row["epoch"])
    axis = alt.Axis(grid=False, tickCount=min(4, last))  # so few that none lies between two epochs
    return alt.X("epoch:Q", title="epoch", scale=alt.Scale(domain=[0, last], nice=False), axis=axis)


def _shown(study: Study) -> str:
    return study.curve or study.score


def _y(shown: str) -> alt.Y:
    return alt.Y("value:Q", title=f"{shown}, %", scale=alt.Scale(domain=[0, 100]))


def _colour() -> alt.Color:
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1)
    return alt.Color("part:N", scale=alt.Scale(domain=list(PARTS), range=list(PARTS.values())), legend=legend)


def _tips(shown: str) -> list[alt.Tooltip]:
    fields = (("panel:N", "arm"), ("seed:Q", "seed"), ("part:N", "part"), ("epoch:Q", "measured at epoch"))
    return [*(alt.Tooltip(field, title=title) for field, title in fields), alt.Tooltip("value:Q", title=f"{shown}, %")]


def _caption(study: Study, panels: int) -> list[str]:
    every = f"{MOST_SEEDS} of {len(study.seeds)} seeds" if len(study.seeds) > MOST_SEEDS else "every seed"
    lines = [
        f"{every} thin, the mean of all thick; the point marks the epoch whose weights are measured",
        "training: running mean over the epoch, against the labels trained on, augmented and with dropout",
    ]
    of = len({(card.model, card.name) for card in study.arms})
    if panels < of:
        lines.append(f"drawn: {panels} of {of:,} arms: the baseline, the best, the worst, the sham; the table has all")
    return lines + models_left_out(study)


def curves_in_words(study: Study) -> str:
    """Where the curves of the baseline and of the best arm end."""
    rows = {row["panel"]: row for row in curve_rows(study) if row["seed"] is None}
    shown = list(rows)
    ends = [f"{shortened(panel, 40)}: {_ends(rows[panel])}" for panel in shown[:2]]
    names = few([shortened(panel) for panel in shown], 4)
    said = f"Learning curves, training and validation {_shown(study)} by epoch, of {names}."
    return brief([said, f"Means at the last epoch: {'; '.join(ends)}."])


def _ends(row: dict[str, Any]) -> str:
    last = {part: next((v for v in reversed(row[part]) if v is not None), math.nan) for part in PARTS}
    return f"training {number(last['train'])} %, validation {number(last['validation'])} %"
