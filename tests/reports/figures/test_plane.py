import pytest

from reports.figures import describe
from reports.figures.plane import MOST_POINTS, plane, quadrant, quadrants
from reports.inference.effects import effects
from reports.inference.intervals import Interval
from reports.inference.verdicts import summary


def interval(side):
    return Interval(5, 3.0 * side, 1.0, 3.0 * side - 2, 3.0 * side + 2)


@pytest.mark.parametrize("each", quadrants("accuracy")[:3], ids=lambda each: each.one)
def test_a_quadrant_is_called_what_the_verdict_calls_its_arms(each):
    assert summary(interval(each.accuracy), interval(each.gap), 1.0) == each.one


def test_every_arm_stands_at_its_effects_with_the_very_intervals(studies, rows):
    study = studies.study(
        studies.runs({"baseline": (0, 0), "a": (3, -6), "b": (-4, 5), "c": (2, 2), "sham": (0, 0)}), claims=()
    )
    shown = {row["arm"]: row for row in rows(plane(study)) if "arm" in row}
    for e in effects(study):
        assert (shown[e.arm]["x"], shown[e.arm]["y"]) == (e.gap.mean, e.accuracy.mean)
        assert (shown[e.arm]["x_low"], shown[e.arm]["y_high"]) == (e.gap.low, e.accuracy.high)


def test_an_arm_far_away_stands_at_the_edge_with_its_numbers(study, rows):
    shown = {row["arm"]: row for row in rows(plane(study)) if "arm" in row}
    assert shown["init zeros"]["shape"].startswith("triangle")
    assert shown["init zeros"]["name"].startswith("init zeros: −6")
    assert shown["init zeros"]["y"] > -60
    assert "x_low" not in shown["init zeros"]


def test_only_what_is_decided_lies_in_a_quadrant_for_sure(study):
    found = {e.arm: quadrant(e) for e in effects(study)}
    assert found["dropout"].one == "reduces overfitting and improves accuracy"
    assert found["init zeros"].one == "closes the gap by underfitting"
    assert found["weight_decay"] is found["sham"] is None


def test_the_alternative_text_counts_and_names(study):
    assert describe(study, "plane") == (
        "Change of the gap against accuracy. Of 3 arms, 1 reduces overfitting and improves accuracy: dropout; "
        "1 closes the gap by underfitting: init zeros; 1 is in no quadrant for sure."
    )


def test_of_hundreds_the_decided_ones_are_drawn_and_the_rest_is_said(many, rows):
    chart = plane(many())
    assert len([row for row in rows(chart) if "arm" in row]) == MOST_POINTS
    (panel,) = chart.to_dict()["vconcat"]
    assert f"drawn: {MOST_POINTS} of 201 arms" in " ".join(panel["title"]["subtitle"])


def test_without_a_gap_there_is_no_plane(studies):
    from reports.figures import figures

    runs = studies.runs().assign(gap=float("nan"))
    assert "plane" not in figures(studies.study(runs, claims=()))
