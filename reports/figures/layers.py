"""Layer by layer: the spread of activations and of gradients, before training and after it."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from ablations.arms import SHAM
from reports.figures.theme import DOWN, INK, OPEN, UP, themed
from reports.figures.wording import brief, on_model, shortened
from reports.numbers import few
from reports.study import Study

MOST_MODELS = 4
COLOURS = (INK, UP, DOWN, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", OPEN)
"""Those of Okabe and Ito (2008) that can be seen on light and on dark; one for each arm that is drawn."""
PANELS = {
    ("activations", "start"): "activations, before training",
    ("activations", "end"): "activations, after training",
    ("gradients", "start"): "gradients, before training",
    ("gradients", "end"): "gradients, after training",
}
LEAST, MOST = 1e-12, 1e12
"""What is smaller is nothing, what is larger anything; they would leave no room on the axis for the rest."""


def layers(study: Study) -> alt.TopLevelMixin:
    """Standard deviations of activations and of gradients by layer, a line per arm, panels as in PANELS."""
    arms = drawn_arms(study)
    panels: Any = [_of_model(rows, model, arms) for model, rows in _by_model(study).items()]
    title = alt.Title("What reaches each layer, and what comes back", subtitle=_caption(study, arms))
    return themed(alt.vconcat(*panels, spacing=24).properties(title=title))


def has_layers(study: Study) -> bool:
    return bool(layer_means(study)["value"].notna().any())


def drawn_arms(study: Study) -> list[str]:
    """The baseline first; as many as there are colours, without the sham."""
    known = set(study.probes["arm"])
    return [arm for arm in study.arm_names if arm in known and arm != SHAM][: len(COLOURS)]


def layer_means(study: Study) -> pd.DataFrame:
    """The geometric mean over the seeds of which it can be drawn, a row per model, arm, panel and layer; not a number
    where it is of none."""
    probes = study.probes[study.probes["arm"].isin(drawn_arms(study))].astype({"value": float})
    logs = probes.assign(value=np.log(probes["value"].where(probes["value"].between(LEAST, MOST))))
    keys = ["model", "arm", "measure", "moment", "number", "layer"]
    return np.exp(logs.groupby(keys, sort=False)["value"].mean()).reset_index()


def _by_model(study: Study) -> dict[str, pd.DataFrame]:
    means = layer_means(study)
    models = [model for model in study.models if model in set(means["model"])]
    return {model: means[means["model"] == model] for model in models[:MOST_MODELS]}


def _of_model(rows: pd.DataFrame, model: str, arms: list[str]) -> alt.FacetChart:
    panel = rows.assign(panel=[PANELS[key] for key in zip(rows["measure"], rows["moment"], strict=True)])
    value = panel["value"].astype(object).where(panel["value"].notna(), None)  # None is where a line breaks off
    panel = panel.assign(value=value)
    wanted = ["arm", "panel", "number", "layer", "value"]
    header = alt.Header(labelFontSize=12, labelFontWeight="bold", title=None)
    chart = alt.Chart(alt.Data(values=panel[wanted].to_dict("records"))).mark_line(point=alt.OverlayMarkDef(size=14))
    encoded = chart.encode(x=_x(int(rows["number"].max())), y=_y(), color=_colour(arms), tooltip=_tips())
    facet = alt.Facet("panel:N", sort=list(PANELS.values()), header=header)
    drawn = encoded.properties(width=270, height=150).facet(facet=facet, columns=2, title=model)
    return drawn.resolve_scale(y="independent")


def _x(last: int) -> alt.X:
    axis = alt.Axis(grid=False, tickMinStep=1, tickCount=min(6, last), format="d")
    return alt.X("number:Q", title="layer", scale=alt.Scale(domain=[1, max(2, last)], nice=False), axis=axis)


def _y() -> alt.Y:
    axis = alt.Axis(format=".0e", tickCount=5)
    return alt.Y("value:Q", title="standard deviation", scale=alt.Scale(type="log"), axis=axis)


def _colour(arms: list[str]) -> alt.Color:
    legend = alt.Legend(title=None, orient="top", columns=3, labelLimit=180, symbolType="stroke", symbolStrokeWidth=3)
    return alt.Color("arm:N", scale=alt.Scale(domain=arms, range=list(COLOURS[: len(arms)])), legend=legend)


def _tips() -> list[alt.Tooltip]:
    named = [alt.Tooltip(field, title=field.partition(":")[0]) for field in ("arm:N", "layer:N")]
    return [*named, alt.Tooltip("value:Q", title="standard deviation", format=".2e")]


def _caption(study: Study, arms: list[str]) -> list[str]:
    lines = [
        "of each layer's outputs, and of the loss's gradient there, over one batch of training images;",
        f"geometric means over seeds; what is not between {LEAST:.0e} and {MOST:.0e} is not drawn",
    ]
    of = len({arm for arm in study.probes["arm"] if arm != SHAM})
    return lines + ([f"drawn: the first {len(arms)} of {of} arms"] if len(arms) < of else [])


def layers_in_words(study: Study) -> str:
    """What the first layer hears before training, arm by arm."""
    said = ["Spread of activations and gradients by layer, before and after training."]
    for model, rows in _by_model(study).items():
        first = rows[(rows["measure"] == "gradients") & (rows["moment"] == "start") & (rows["number"] == 1)]
        told = {arm: value for arm, value in zip(first["arm"], first["value"], strict=True) if value > 0}
        silent = [shortened(arm) for arm in dict.fromkeys(rows["arm"]) if arm not in told]
        heard = ", ".join(f"{shortened(arm)} {value:.1e}" for arm, value in told.items())
        begun = on_model(model, len(study.models) > 1, "gradients at the first layer before training")
        nothing = f"; too small or too large to draw: {few(silent, 4)}" if silent else ""
        said.append(f"{begun}: {heard}{nothing}.")
    return brief(said)
