"""Learning curves: accuracy by epoch, a panel per arm."""

from __future__ import annotations

import math

import altair as alt
import pandas as pd

from reports.figures.theme import HELD_OUT, TRAIN, themed
from reports.study import Study

PARTS = {"train": TRAIN, "validation": HELD_OUT}
CURVES_SAY = [
    "every seed thin, their mean thick; the point marks the epoch whose weights are measured",
    "training: running mean over the epoch, against the labels trained on, augmented and with dropout",
]
RUN = ["model", "arm", "seed"]
MOST_EPOCHS = 40
"""Points of a curve; a screen shows no more of one in a small panel."""


def curves(study: Study) -> alt.TopLevelMixin:
    """Training and validation accuracy by epoch, a panel per arm, every seed thin and their mean thick."""
    frame = curve_points(study)
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
        base.transform_filter("datum.measured")
        .mark_point(filled=True, size=22, opacity=0.8)
        .encode(x=x, y=y, color=colour)
    )
    header = alt.Header(labelFontSize=12, labelFontWeight="bold", labelBaseline="line-bottom")
    facet = alt.Facet("panel:N", sort=panels, title=None, header=header)
    panel = alt.layer(thin, thick, chosen, data=frame).properties(width=190, height=130)
    return themed(
        panel.facet(facet=facet, columns=3).properties(title=alt.Title("Learning curves", subtitle=CURVES_SAY))
    )


def curve_points(study: Study) -> pd.DataFrame:
    """The accuracies of the curves, thinned to as many epochs as a small panel can show; the last epoch and the
    measured one stay."""
    names = {"train_accuracy": "train", "val_accuracy": "validation"}
    checkpoints = study.runs[[*RUN, "checkpoint_epoch"]]
    frame = study.curves[study.curves["measure"].isin(names)].merge(checkpoints, on=RUN, how="left")
    last = frame.groupby(RUN)["epoch"].transform("max")
    step = max(1, math.ceil(frame["epoch"].max() / MOST_EPOCHS))
    frame["measured"] = frame["epoch"] == frame["checkpoint_epoch"].fillna(last)
    frame = frame[frame["measured"] | (frame["epoch"] == last) | ((frame["epoch"] - 1) % step == 0)]
    frame["part"] = frame["measure"].map(names)
    frame["panel"] = frame["arm"] + (" · " + frame["model"] if len(study.models) > 1 else "")
    return frame[["panel", "seed", "epoch", "part", "value", "measured"]]


def curves_in_words() -> str:
    """What the panels show; the ends of the curves stand in the table."""
    return "Learning curves: training and validation accuracy by epoch, one panel per arm; the table has the ends."
