import pytest

from reports.figures import describe, figures
from reports.figures.interactions import interactions_figure
from reports.figures.theme import SHAPES
from reports.inference.interactions import interactions


def test_every_pair_has_the_interval_of_the_table_and_both_sums(paired, rows):
    shown = {row["arm"]: row for row in rows(interactions_figure(paired)) if "both" in row}
    assert len(shown) == 3
    for i in interactions(paired):
        row = shown[i.arm]
        assert (row["low"], row["mean"], row["high"]) == (i.accuracy.low, i.accuracy.mean, i.accuracy.high)
        assert row["both"] - row["sum"] == pytest.approx(i.accuracy.mean)


def test_more_and_less_than_the_sum_are_told_by_shape(paired, rows):
    shown = {row["arm"]: row["shape"] for row in rows(interactions_figure(paired)) if "both" in row}
    assert shown == {"b + c": "circle", "a + c": "diamond", "a + b": "square"}


def test_the_alternative_text_names_both_kinds(paired):
    told = describe(paired, "interactions")
    assert told.startswith("Interactions of pairs. Of 3 pairs, 1 does more than the sum: b + c (+")
    assert "1 does less than the sum: a + b (−" in told


def test_without_pairs_there_is_no_such_figure(study):
    assert "interactions" not in figures(study)


def test_one_interaction_is_not_spoken_of_as_several(studies):
    arms = {arm: studies.pairs[arm] for arm in ("baseline", "a", "b", "a + b", "sham")}
    (panel,) = interactions_figure(studies.study(studies.runs(arms), claims=())).to_dict()["vconcat"]
    assert "intervals of 1 interaction;" in panel["title"]["subtitle"][0]


def test_a_pair_that_is_the_sum_for_sure_is_told_by_shape_and_in_words(studies, rows):
    study = studies.study(studies.runs(studies.pairs, seeds=20, spread=0.2), claims=())
    shown = {row["arm"]: row["shape"] for row in rows(interactions_figure(study)) if "both" in row}
    assert shown["a + c"] == SHAPES["within"]
    assert "1 is the sum within the margin: a + c" in describe(study, "interactions")
