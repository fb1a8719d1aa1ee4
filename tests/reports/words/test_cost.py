import math

import pytest

from reports.words.cost import cost, duration


def test_all_training_is_summed_and_arms_are_held_against_the_baseline(studies):
    runs = studies.runs(seeds=3)
    runs.loc[runs["arm"] == "dropout", "seconds"] = 5.0
    assert cost(studies.study(runs)) == (
        "39 s of training in 15 runs; an arm takes 1.0 to 2.5 times as long as the baseline."
    )


def test_the_sham_is_no_arm_whose_time_matters(studies):
    runs = studies.runs({"baseline": (0, 0), "dropout": (8, -20), "sham": (0, 0)}, seeds=3)
    runs.loc[runs["arm"] == "sham", "seconds"] = 90.0
    assert "an arm takes 1.0 times as long" in cost(studies.study(runs, claims=()))


def test_where_nobody_took_the_time_there_is_nothing_to_say(studies):
    runs = studies.runs()
    runs["seconds"] = math.nan
    assert cost(studies.study(runs)) == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.42, "0.4 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 hours"), (864000, "10 days")],
)
def test_a_duration_is_said_in_the_unit_of_which_there_are_two_or_more(seconds, said):
    assert duration(seconds) == said
