import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablations.spec import Claim
from reports.inference.intervals import Interval
from reports.inference.verdicts import accuracy_verdict, detail, gap_verdict, judge, summary, unstable


def interval(low, high, n=10):
    return Interval(n, (low + high) / 2, 1.0, low, high)


UNTESTED = Interval(2, 5.0, 1.0)
ENDS = st.tuples(st.floats(-20, 20), st.floats(-20, 20)).map(sorted).filter(lambda ends: ends[0] < ends[1])


@pytest.mark.parametrize(
    ("low", "high", "word", "gap_word"),
    [
        (0.1, 4.0, "helps", "grows"),
        (-4.0, -0.1, "hurts", "shrinks"),
        (-0.9, 0.9, "no effect larger than the margin", "unchanged"),
        (-0.9, 1.1, "undecided", "undecided"),
        (-1.1, 0.9, "undecided", "undecided"),
        (0.1, 0.5, "helps", "grows"),
        (math.nan, math.nan, "not tested", "not tested"),
    ],
)
def test_the_word_follows_from_the_interval_and_the_margin(low, high, word, gap_word):
    assert accuracy_verdict(interval(low, high), 1.0) == word
    assert gap_verdict(interval(low, high), 1.0) == gap_word


@given(ENDS, st.floats(0.01, 10))
def test_helps_exactly_where_the_interval_lies_above_zero_and_mirrored(ends, margin):
    low, high = ends
    word, mirrored = accuracy_verdict(interval(low, high), margin), accuracy_verdict(interval(-high, -low), margin)
    assert (word == "helps") == (low > 0)
    assert (word == "hurts") == (high < 0)
    assert mirrored == {"helps": "hurts", "hurts": "helps"}.get(word, word)


@pytest.mark.parametrize(
    ("accuracy", "gap", "phrase"),
    [
        ((1, 3), (-9, -5), "reduces overfitting and improves accuracy"),
        ((-0.5, 0.5), (-9, -5), "reduces overfitting at no cost in accuracy"),
        ((-0.5, 2.5), (-9, -5), "reduces overfitting at no cost in accuracy"),
        ((-9, -1), (-9, -5), "closes the gap by underfitting"),
        ((-0.5, -0.1), (-9, -5), "closes the gap by underfitting"),
        ((1, 3), (-0.5, 0.5), "improves accuracy, not by closing the gap"),
        ((1, 3), (2, 5), "improves accuracy although the gap grows"),
        ((-3, 3), (-9, -5), "accuracy: undecided; gap: shrinks"),
        ((1, 3), (-5, 5), "accuracy: helps; gap: undecided"),
        ((-9, -1), (2, 5), "accuracy: hurts; gap: grows"),
        ((-3, 3), (-5, 5), "undecided, accuracy and gap"),
        ((math.nan, math.nan), (math.nan, math.nan), "not tested"),
    ],
)
def test_both_words_together(accuracy, gap, phrase):
    assert summary(interval(*accuracy), interval(*gap), 1.0) == phrase


def test_without_a_gap_its_word_is_left_out():
    assert summary(interval(1, 3), Interval(0, math.nan, math.nan), 1.0) == "accuracy: helps"


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (interval(2.04, 5), "by at least 2.0"),
        (interval(-5, -2.04), "by at least 2.0"),
        (interval(0.2, 0.7), "by at least 0.2, but by less than the margin"),
        (interval(-0.5, 0.5), "within ±1"),
        (UNTESTED, "fewer than 3 seeds"),
        (Interval(5, 1.0, 0.0), "the seed changed nothing: check seeding"),
        (Interval(5, 0.0, 0.0), "0 under every seed"),
    ],
)
def test_the_size_belongs_to_the_verdict(of, text):
    assert detail(of, 1.0) == text


def test_an_open_verdict_says_what_would_settle_it():
    assert detail(Interval(5, 0.9, 1.0, -0.5, 2.3), 1.0).startswith("−0.5 to +2.3; about 8 seeds")


def test_collapsed_runs_are_counted_behind_the_verdict():
    assert unstable(0, 10) == ""
    assert unstable(2, 10) == "; unstable: 2 of 10 runs collapsed"


@pytest.mark.parametrize(
    ("direction", "gap", "judgement"),
    [
        ("lower", (-9, -5), "supported"),
        ("lower", (5, 9), "refuted"),
        ("lower", (-5, 5), "undecided"),
        ("higher", (5, 9), "supported"),
        ("lower", (math.nan, math.nan), "not tested"),
    ],
)
def test_a_claim_is_judged_by_the_same_interval(direction, gap, judgement):
    claim = Claim(arm="dropout", measure="gap", direction=direction)
    assert judge(claim, interval(*gap), 1.0) == judgement
