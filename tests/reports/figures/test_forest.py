import pandas as pd

from reports.effects import effects
from reports.figures import describe
from reports.figures.forest import axis_range, forest


def test_the_forest_shows_the_very_intervals_of_the_table(study, rows):
    shown = {row["arm"]: row for row in rows(forest(study)) if "kind" in row}
    for e in effects(study):
        assert (shown[e.arm]["low"], shown[e.arm]["high"]) == (e.accuracy.low, e.accuracy.high)
    assert shown["dropout"]["kind"] == "helps"


def test_an_arm_far_away_does_not_squash_the_others_but_is_named(study, rows):
    found = effects(study)
    low, high = axis_range(found, pd.DataFrame(columns=["arm", "difference"]), study.margin)
    assert low > -20
    assert high < 20
    shown = {row["arm"]: row for row in rows(forest(study)) if "kind" in row}
    assert shown["init zeros"]["edge"] == "left"
    assert shown["init zeros"]["label"].startswith("−6")
    assert shown["dropout"]["edge"] == ""


def test_without_an_arm_far_away_all_are_inside(studies):
    found = effects(
        studies.study(studies.runs({"baseline": (0, 0), "a": (3, 0), "b": (-4, 0), "sham": (0, 0)}), claims=())
    )
    low, high = axis_range(found, pd.DataFrame(columns=["arm", "difference"]), 1.0)
    assert all(low <= e.accuracy.low and e.accuracy.high <= high for e in found)


def test_the_alternative_text_states_the_finding(study):
    assert "init zeros −6" in describe(study, "forest") or "init zeros -6" in describe(study, "forest")
