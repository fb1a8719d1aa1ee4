import re
from xml.etree import ElementTree

import pandas as pd
import pytest

from reports.figures import describe, figures, interactive, render
from reports.figures.wording import MOST

HOSTILE = (
    "a.b['c']", "<script>alert(1)</script>", 'q"uote\\back', "=1+1 ${x}", "漢字ラベル " * 12, "x" * 300, "line\nbreak",
    "'+alert(1)+'", "null", "12", "datum.mean", "%5$s {{ x }}",
)  # fmt: skip


def test_there_is_no_figure_without_data(studies):
    runs = studies.runs(seeds=2)
    runs["test_accuracy"] = float("nan")
    assert (
        figures(studies.study(runs, curves=pd.DataFrame(columns=["model", "arm", "seed", "epoch", "measure", "value"])))
        == {}
    )


def test_figures_stand_in_the_order_in_which_a_reader_needs_them(studies):
    arms = {"baseline": (0, 0), "a": (5, -9), "b": (3, -4), "a + b": (6, -9), "sham": (0, 0)}
    study = studies.study(studies.runs(arms, models=("x", "y")), claims=())
    assert list(figures(study)) == ["forest", "plane", "heatmap", "cost", "curves", "interactions"]


def test_alternative_texts_stay_short_however_many_arms_there_are(many):
    for study in (many(400), many(40, models=[f"model {at}" for at in range(10)])):
        for name in figures(study):
            assert len(describe(study, name)) <= MOST


@pytest.fixture
def hostile(studies):
    arms = {"baseline": (0, 0), **{name: (at, -at) for at, name in enumerate(HOSTILE)}, "sham": (0, 0)}
    return studies.study(studies.runs(arms, models=("m.x['y']", "<b>m</b>\\"), seeds=3), claims=())


def test_hostile_names_are_drawn_as_words(hostile):
    for chart in figures(hostile).values():
        svg = render(chart)["svg"].decode()
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}
        assert tags <= {"svg", "g", "path", "text", "tspan", "line", "rect", "defs", "clipPath"}


def test_a_long_name_is_cut_with_an_ellipsis_where_it_is_drawn_and_told_whole(hostile, rows):
    chart = figures(hostile)["forest"]
    svg = render(chart)["svg"].decode()
    assert "x" * 100 not in svg
    assert re.search(r">x{10,60}…<", svg)
    assert {row["arm"] for row in rows(chart) if "kind" in row} >= set(HOSTILE)
    assert "x" * 300 in str(interactive(chart))


def test_every_hostile_arm_keeps_its_own_row(hostile):
    svg = render(figures(hostile)["heatmap"])["svg"].decode()
    words = [element.text for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("text")]
    assert {"a.b['c']", "<script>alert(1)</script>", 'q"uote\\back', "null", "12"} <= set(words)
