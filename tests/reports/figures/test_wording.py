from hypothesis import given
from hypothesis import strategies as st

from reports.figures.wording import MOST, brief, left_out, shortened


@given(st.text(max_size=200), st.integers(2, 50))
def test_a_short_name_is_short_and_says_that_it_was_cut(name, most):
    short = shortened(name, most)
    assert len(short) <= most
    assert short.endswith("…") or short == " ".join(name.split())


@given(st.lists(st.text(min_size=1, max_size=400), min_size=1, max_size=9))
def test_a_text_is_never_longer_than_a_listener_bears(sentences):
    assert len(brief(sentences)) <= MOST


def test_a_text_that_leaves_something_out_says_where_it_is():
    assert brief(["One.", "Two."]) == "One. Two."
    assert brief(["One.", "x" * 700]) == "One. The table has all."


def test_what_is_not_drawn_is_said():
    assert left_out(40, 1200) == ["drawn: 40 of 1,200 arms, the decided ones first, by size; the table has all"]
    assert left_out(40, 40) == []
