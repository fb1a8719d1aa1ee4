import json
import math
import re

import altair as alt
import pytest

from reports.figures import figures, interactive, javascript, render


@pytest.fixture
def charts(studies):
    return figures(studies.study(studies.runs(models=("a", "b"), seeds=4)))


def test_a_figure_is_drawn_in_three_forms(study):
    drawn = render(figures(study)["forest"])
    assert {kind: content[:4] for kind, content in drawn.items()} == {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}


def test_every_figure_is_vega_lite_as_its_schema_has_it(charts):
    for chart in charts.values():
        alt.Chart.from_dict(interactive(chart), validate=True)


def test_the_same_chart_gives_the_same_bytes(study):
    for chart in figures(study).values():
        first = render(chart)
        assert all(render(chart) == first for _ in range(3))


def test_coordinates_have_a_tenth_of_a_pixel_and_words_keep_their_digits(studies):
    arms = {"baseline": (0, 0), "epsilon=0.12345": (4, -2), "sham": (0, 0)}
    svg = render(figures(studies.study(studies.runs(arms), claims=()))["forest"])["svg"].decode()
    assert "epsilon=0.12345" in svg
    assert not re.search(r' (?:d|transform)="[^"]*\d\.\d\d', svg)


def _numbers(tree):
    if isinstance(tree, dict | list):
        for value in tree.values() if isinstance(tree, dict) else tree:
            yield from _numbers(value)
    elif isinstance(tree, float):
        yield tree


def test_the_interactive_form_is_plain_json_with_short_numbers(charts):
    for chart in charts.values():
        spec = interactive(chart)
        json.dumps(spec, allow_nan=False)
        assert all(math.isclose(value, float(f"{value:.4g}"), rel_tol=1e-12) for value in _numbers(spec))


def test_the_interactive_form_asks_no_network_for_data(charts):
    for chart in charts.values():
        assert '"url"' not in json.dumps(interactive(chart))


def test_every_figure_tells_something_of_what_is_pointed_at(charts):
    for name, chart in charts.items():
        titles = set(re.findall(r'"title": "([^"]+)", "type"', json.dumps(interactive(chart)).replace("'", "")))
        assert "tooltip" in json.dumps(interactive(chart)), name
        assert titles or name == "curves"


def test_what_is_not_a_number_is_null():
    chart = alt.Chart(alt.Data(values=[{"x": math.inf}, {"x": 1.23456}])).mark_point().encode(x="x:Q")
    assert interactive(chart)["data"]["values"] == [{"x": None}, {"x": 1.235}]


def test_the_script_is_one_function_that_leaves_vega_embed_and_cannot_end_its_element():
    script = javascript()
    assert re.fullmatch(r"\(\(\)=>\{.*;?window\.vegaEmbed=[\w$]+;\}\)\(\);", script, re.DOTALL)
    assert "</script" not in script.lower()
    assert "<!--" not in script
    assert len(script) < 1_000_000
