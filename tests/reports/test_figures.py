import altair as alt
import pandas as pd

from reports.effects import effects
from reports.figures import MOST_EPOCHS, axis_range, curve_points, curves, describe, figures, forest


def layers(chart):
    with alt.data_transformers.enable("default", max_rows=None):
        return chart.to_dict()


def datasets(chart):
    return [row for rows in layers(chart)["datasets"].values() for row in rows]


def test_the_forest_shows_the_very_intervals_of_the_table(study):
    shown = {row["arm"]: row for row in datasets(forest(study)) if "kind" in row}
    for e in effects(study):
        assert (shown[e.arm]["low"], shown[e.arm]["high"]) == (e.accuracy.low, e.accuracy.high)
    assert shown["dropout"]["kind"] == "helps"


def test_an_arm_far_away_does_not_squash_the_others_but_is_named(study):
    found = effects(study)
    low, high = axis_range(found, pd.DataFrame(columns=["arm", "difference"]), study.margin)
    assert low > -20
    assert high < 20
    shown = {row["arm"]: row for row in datasets(forest(study)) if "kind" in row}
    assert shown["init zeros"]["edge"] == "left"
    assert shown["init zeros"]["label"].startswith("−6")
    assert shown["dropout"]["edge"] == ""


def test_without_an_arm_far_away_all_are_inside(studies):
    found = effects(
        studies.study(studies.runs({"baseline": (0, 0), "a": (3, 0), "b": (-4, 0), "sham": (0, 0)}), claims=())
    )
    low, high = axis_range(found, pd.DataFrame(columns=["arm", "difference"]), 1.0)
    assert all(low <= e.accuracy.low and e.accuracy.high <= high for e in found)


def test_curves_are_thinned_but_keep_the_epoch_that_is_measured():
    rows = [("m", "a", 0, epoch, "val_accuracy", float(epoch)) for epoch in range(1, 501)]
    frame = pd.DataFrame(rows, columns=["model", "arm", "seed", "epoch", "measure", "value"])
    points = curve_points(frame, several=False)
    assert len(points) <= MOST_EPOCHS + 1
    assert list(points[points["last"]]["epoch"]) == [500]


def test_every_arm_has_its_panel(study):
    assert {row["panel"] for row in datasets(curves(study))} == set(study.runs["arm"])


def test_there_is_no_figure_without_data(studies):
    runs = studies.runs(seeds=2)
    runs["test_accuracy"] = float("nan")
    assert (
        figures(studies.study(runs, curves=pd.DataFrame(columns=["model", "arm", "seed", "epoch", "measure", "value"])))
        == {}
    )


def test_the_alternative_text_states_the_finding(study):
    assert "init zeros −6" in describe(study, "forest") or "init zeros -6" in describe(study, "forest")
