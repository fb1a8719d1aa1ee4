import json

from reports.figures import INK, PAPER
from reports.pages.pictures import embedded, inlined, title_of


def test_a_chart_is_the_same_after_the_page_but_for_the_colours_of_the_page():
    chart = {"config": {"background": PAPER, "axis": {"labelColor": INK}}, "mark": {"color": "#123456"}}
    assert json.loads(embedded(chart)) == {
        "config": {"background": "var(--paper)", "axis": {"labelColor": "var(--ink)"}},
        "mark": {"color": "#123456"},
    }


def test_rows_are_left_alone_whatever_they_say():
    chart = {"data": {"values": [{"arm": INK}]}, "datasets": {"a": [{"arm": PAPER}]}}
    assert json.loads(embedded(chart)) == chart


def test_no_name_can_end_the_element_that_holds_a_chart():
    chart = {"data": {"values": [{"arm": "</script><!--<script>&'\u2028"}]}}
    text = embedded(chart)
    assert not set("<>&'") & set(text)
    assert json.loads(text) == chart


def test_pictures_on_one_page_share_no_ids_and_take_the_width_of_the_column():
    drawn = (
        '<svg width="10" height="20" viewBox="0 0 1 2"><g id="a"/><use href="#a" clip-path="url(#a)" width="3"/></svg>'
    )
    assert inlined(drawn, "forest") == (
        '<svg aria-hidden="true" viewBox="0 0 1 2"><g id="forest-a"/>'
        '<use href="#forest-a" clip-path="url(#forest-a)" width="3"/></svg>'
    )


def test_a_figure_of_another_name_is_called_by_it():
    assert title_of("forest") == "Effects"
    assert title_of("dose-weight_decay") == "Dose weight_decay"
