"""Interactions: the contrast and its interval are those of scipy and statsmodels, the words follow from the interval."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.formula.api import ols

from ablations.factors.dropout import Dropout
from ablations.factors.weight_decay import WeightDecay
from reports.inference.interactions import INTERACTION_COLUMNS, contrast, interactions, interactions_frame, pairs
from reports.inference.intervals import Interval
from reports.inference.verdicts import gap_interaction_verdict, interaction_verdict
from reports.sources.from_csv import read_runs
from reports.study import ArmCard
from reports.write import write_report


def scores(study, measure, model="lenet5"):
    return {arm: study.cell(model, arm)[measure].to_numpy() for arm in study.arm_names}


def test_the_interval_is_scipys_of_the_contrast(paired):
    test = scores(paired, "test_accuracy")
    for found in interactions(paired):
        difference = (
            (test[found.arm] - test["baseline"])
            - (test[found.one] - test["baseline"])
            - (test[found.other] - test["baseline"])
        )
        wanted = stats.ttest_1samp(difference, 0).confidence_interval(1 - 0.05 / 3)
        assert (found.accuracy.low, found.accuracy.high) == pytest.approx((wanted.low, wanted.high))
        assert found.family == 3


@pytest.mark.parametrize("measure", ["test_accuracy", "gap"])
def test_the_mean_is_the_interaction_coefficient_of_a_linear_model(paired, measure):
    test = scores(paired, measure)
    for found in interactions(paired):
        rows = [
            {"y": y, "one": one, "other": other}
            for arm, one, other in [("baseline", 0, 0), (found.one, 1, 0), (found.other, 0, 1), (found.arm, 1, 1)]
            for y in test[arm]
        ]
        coefficient = ols("y ~ one * other", pd.DataFrame(rows)).fit().params["one:other"]
        mean = found.accuracy.mean if measure == "test_accuracy" else found.gap.mean
        assert mean == pytest.approx(coefficient)


def test_words_say_what_is_true(paired):
    found = {one.arm: one for one in interactions(paired)}
    assert found["a + b"].verdict == "less than the sum"
    assert found["b + c"].verdict == "more than the sum"
    assert found["a + c"].verdict == "undecided"
    assert found["a + b"].gap_verdict == "wider than the sum"
    assert found["b + c"].gap_verdict == "narrower than the sum"
    assert "seeds would settle it" in found["a + c"].summary
    assert found["a + b"].summary.startswith("less than the sum (by at least ")


NUMBERS = st.lists(st.floats(0, 100), min_size=3, max_size=3)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_effects_that_add_up_have_no_interaction(baseline, one, other):
    base = np.array(baseline)
    both = np.array(one) + np.array(other) - base
    assert contrast(both, one, other, baseline) == pytest.approx(np.zeros(3), abs=1e-9)
    assert contrast(both, other, one, baseline) == pytest.approx(contrast(both, one, other, baseline))


@pytest.mark.parametrize(
    ("low", "high", "word", "gap_word"),
    [
        (0.1, 4.0, "more than the sum", "wider than the sum"),
        (-4.0, -0.1, "less than the sum", "narrower than the sum"),
        (-0.9, 0.9, "no interaction larger than the margin", "no interaction larger than the margin"),
        (-0.9, 1.1, "undecided", "undecided"),
        (math.nan, math.nan, "not tested", "not tested"),
    ],
)
def test_the_word_follows_from_the_interval_and_the_margin(low, high, word, gap_word):
    interval = Interval(10, (low + high) / 2, 1.0, low, high)
    assert interaction_verdict(interval, 1.0) == word
    assert gap_interaction_verdict(interval, 1.0) == gap_word


def test_only_seeds_that_all_four_arms_have_count(studies):
    runs = studies.runs(studies.pairs)
    runs.loc[(runs["arm"] == "a") & (runs["seed"] == 0), "status"] = "failed"
    runs.loc[(runs["arm"] == "b") & (runs["seed"] == 1), "status"] = "missing"
    counts = {one.arm: one.accuracy.n for one in interactions(studies.study(runs, claims=()))}
    assert counts == {"a + b": 8, "a + c": 9, "b + c": 9}


def test_collapsed_runs_of_any_of_the_four_are_said(studies):
    runs = studies.runs(studies.pairs)
    runs.loc[(runs["arm"] == "a") & (runs["seed"] == 0), "test_accuracy"] = 9.0
    found = {one.arm: one for one in interactions(studies.study(runs, claims=()))}
    assert found["a + b"].summary.endswith("; unstable: 1 of 40 runs collapsed")
    assert "unstable" not in found["b + c"].summary


def test_two_seeds_test_nothing(studies):
    assert {one.verdict for one in interactions(studies.study(studies.runs(studies.pairs, seeds=2), claims=()))} == {
        "not tested"
    }


def test_the_family_is_all_pairs_on_all_models(studies):
    found = interactions(studies.study(studies.runs(studies.pairs, models=("x", "y")), claims=()))
    assert [(one.model, one.family) for one in found] == [("x", 6)] * 3 + [("y", 6)] * 3


def cards(**switched):
    return tuple(ArmCard(name, "", "", "m", switched=edits) for name, edits in switched.items())


class TestPairs:
    """Which arms are held against which."""

    def test_names_do_not_matter_where_the_edits_are_known(self, studies):
        two = (Dropout(p=0.5), WeightDecay())
        arms = cards(baseline=(), dropout=two[:1], decay=two[1:], heavy=two, odd=(Dropout(p=0.1), two[1]))
        runs = studies.runs(dict.fromkeys([card.name for card in arms], (0, 0)), models=("m",))
        assert list(pairs(studies.study(runs, arms=arms, claims=()), "m")) == [("heavy", "dropout", "decay")]

    def test_three_together_are_no_pair(self, studies):
        runs = studies.runs(dict.fromkeys(["baseline", "a", "b", "c", "a + b + c", "a + d", "sham"], (0, 0)))
        assert list(pairs(studies.study(runs, claims=()), "lenet5")) == []

    def test_two_left_out_are_a_pair_too(self, studies):
        two = (Dropout(p=0.5), WeightDecay())
        arms = cards(**{"baseline": (), "without dropout": two[:1], "without decay": two[1:], "none": two})
        runs = studies.runs(dict.fromkeys([card.name for card in arms], (0, 0)), models=("m",))
        assert list(pairs(studies.study(runs, arms=arms, claims=()), "m")) == [
            ("none", "without dropout", "without decay")
        ]

    def test_levels_that_were_tuned_apart_are_no_pair(self, studies):
        """What is on together must be what was on alone, on the same model."""
        alone, together = (Dropout(p=0.5), WeightDecay()), (Dropout(p=0.4), WeightDecay())
        same = {"baseline": (), "a": alone[:1], "b": alone[1:], "a + b": alone}
        apart = {**same, "a + b": together}
        arms = [
            ArmCard(name, "", "", model, switched=edits)
            for model, of in (("x", same), ("y", apart))
            for name, edits in of.items()
        ]
        study = studies.study(studies.runs(dict.fromkeys(same, (0, 0)), models=("x", "y")), arms=tuple(arms), claims=())
        assert [(one.model, one.family) for one in interactions(study)] == [("x", 1)]

    def test_anybodys_pairs_are_known_by_their_names(self, paired, tmp_path):
        paired.runs[["arm", "seed", "test_accuracy"]].to_csv(tmp_path / "theirs.csv", index=False)
        found = interactions(read_runs(tmp_path / "theirs.csv", "theirs"))
        assert [one.accuracy.mean for one in found] == pytest.approx([o.accuracy.mean for o in interactions(paired)])
        assert {one.gap_verdict for one in found} == {"not tested"}


class TestReport:
    """What stands on the page and in the file."""

    def test_there_is_a_table_and_a_file(self, paired, tmp_path):
        page = write_report(paired, tmp_path).read_text()
        assert '<h2 id="interactions">' in page
        assert '<a href="interactions.csv">' in page
        assert "simultaneous over 3 interactions" in page
        frame = pd.read_csv(tmp_path / "interactions.csv")
        assert list(frame) == INTERACTION_COLUMNS
        assert list(frame["interaction"]) == list(interactions_frame(paired)["interaction"])
        effects = pd.read_csv(tmp_path / "effects.csv").set_index("arm")["effect"]
        for column, arm in (("one_effect", "one"), ("other_effect", "other"), ("effect", "arm")):
            assert list(frame[column]) == pytest.approx(list(effects[frame[arm]]))

    def test_without_pairs_there_is_neither(self, paired, study, tmp_path):
        write_report(paired, tmp_path)
        page = write_report(study, tmp_path).read_text()
        assert not (tmp_path / "interactions.csv").exists()
        assert "interactions" not in page

    def test_pairs_that_left_no_numbers_are_shown_as_such(self, studies, tmp_path):
        runs = studies.runs(studies.pairs)
        runs.loc[runs["arm"] == "a", "status"] = "missing"
        study = studies.study(runs, claims=())
        page = write_report(study, tmp_path).read_text()
        table = page.partition('<h2 id="interactions">')[2].partition("</table>")[0]
        assert "nan" not in table
        assert "not tested (fewer than 3 seeds)" in table
