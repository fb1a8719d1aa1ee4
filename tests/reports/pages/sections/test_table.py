import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.numbers import plus_minus
from reports.pages.sections.table import MODEL, Cell, Heading, plain_table, shown_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("98.2", 98.2), ("+11.0 ± 2.6", 11), ("−70.2 ± 4.3", -70.2), ("61.7 k", 61_700), ("1.25 M", 1_250_000),
        ("3 G", 3e9), ("1.3×", 1.3), ("8 of 10", 8), ("2 to 30", 2), ("1,234", 1234), ("96.4 %", 96.4), ("–", None),
        ("", None), ("dropout", None), ("3 kinds", 3),
    ],
)  # fmt: skip
def test_a_text_is_sorted_by_the_number_that_it_begins_with(text, number):
    assert shown_number(text) == number


@given(st.floats(-1e6, 1e6), st.floats(0, 1e3) | st.just(math.nan))
def test_an_effect_is_sorted_by_what_is_shown_of_it(mean, half):
    assert shown_number(plus_minus(mean, half)) == pytest.approx(mean, abs=0.051)


HEADINGS = (Heading("Arm", "name"), MODEL, Heading("n"))


def test_models_are_named_where_there_are_several(studies):
    rows = [("dropout", "a", "3")]
    one, two = (studies.study(studies.runs(models=models)) for models in (("a",), ("a", "b")))
    assert [heading.text for heading in plain_table(one, "x", "X", HEADINGS, rows).headings] == ["Arm", "n"]
    assert [heading.text for heading in plain_table(two, "x", "X", HEADINGS, rows).headings] == ["Arm", "Model", "n"]
    assert [cell.text for cell in plain_table(two, "x", "X", HEADINGS, rows).groups[0][0].cells] == list(rows[0])


def test_a_cell_keeps_what_is_decided(study):
    table = plain_table(study, "x", "X", HEADINGS, [("dropout", "a", Cell("3", decided=True))])
    assert [cell.decided for cell in table.groups[0][0].cells] == [False, True]
