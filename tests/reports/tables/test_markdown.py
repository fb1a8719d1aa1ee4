import re

import hypothesis.strategies as st
import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from reports.tables.markdown import escaped, markdown
from tests.reports.hostile import NAMES


def read(text):
    """The table's cells and all tags, as markdown-it reads them."""
    html = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough").render(text)
    cells = [[*re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)]
    return cells, set(re.findall(r"<(\w+)", html))


def plain(cell):
    text = re.sub(r"^<strong>(.*)</strong>$", r"\1", cell)
    for sign, name in (("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("&", "&amp;")):
        text = text.replace(name, sign)
    return text


def hostile(studies):
    arms = {"baseline": (0, 0), **{name: (index % 9, 0) for index, name in enumerate(NAMES)}, "sham": (0, 0)}
    return studies.study(studies.runs(arms, seeds=4), claims=(), question="<b>| *why* `x`\n# ![i](http://e)")


def test_arms_appear_as_they_are_named(studies):
    cells, _ = read(markdown(hostile(studies)))
    assert {plain(row[0]) for row in cells[1:]} == {"baseline", "sham", *NAMES}


def test_no_name_makes_markup(studies):
    cells, tags = read(markdown(hostile(studies)))
    assert tags <= {"p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    assert len({len(row) for row in cells}) == 1


@given(st.text(st.sampled_from("ab_*`<>[]()|~&\\!$ 1"), min_size=1, max_size=12).filter(lambda text: text.strip()))
def test_any_text_is_read_as_it_stands(text):
    cells, _ = read(f"| x |\n| --- |\n| {escaped(text)} |\n")
    assert plain(cells[1][0]) == " ".join(text.split())


def test_an_underscore_within_a_word_stays_as_it_is():
    assert escaped("weight_decay") == "weight_decay"


def test_bold_is_only_what_is_decided(study):
    assert "**dropout**" in markdown(study)
    assert "**sham**" not in markdown(study)


@pytest.mark.parametrize("models", [("a", "b")])
def test_several_models_get_a_column(studies, models):
    assert markdown(studies.study(studies.runs(models=models))).count("| a |") == 5
