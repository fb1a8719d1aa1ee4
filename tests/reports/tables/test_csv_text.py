import csv
import io

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import given

from reports.tables.csv_text import csv_bytes, guarded, unguarded

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1"]


def read(content):
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_executes_begins_with_an_apostrophe(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "dropout", "a=b", "1+1", "'quoted'", " =1"])
def test_other_text_is_left_as_it_is(text):
    assert guarded(text) == text


@given(st.text(st.sampled_from("'=+-@\t\ra ＝"), max_size=6))
def test_any_text_comes_back(text):
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in tuple("=+-@\t\r＝")


def test_numbers_are_written_as_they_are():
    frame = pd.DataFrame({"arm": ["-a"], "effect": [-1.5], "epochs": pd.array([-2], dtype="Int64"), "mixed": [None]})
    assert read(csv_bytes(frame)) == [["arm", "effect", "epochs", "mixed"], ["'-a", "-1.5", "-2", ""]]


def test_numbers_come_back_bit_for_bit():
    values = [0.1 + 0.2, 1 / 3, 87.30000000000001]
    rows = read(csv_bytes(pd.DataFrame({"x": values})))
    assert [float(value) for (value,) in rows[1:]] == values
