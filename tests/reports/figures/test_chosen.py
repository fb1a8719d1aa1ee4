from typing import NamedTuple

from reports.figures.chosen import extremes, foremost, seed_differences
from reports.inference.intervals import Interval


class Made(NamedTuple):
    arm: str
    accuracy: Interval
    verdict: str


def made(arm, mean, verdict):
    return Made(arm, Interval(5, mean, 1.0), verdict)


def test_the_sham_and_the_decided_ones_come_first_in_their_old_order():
    found = [
        made("best", 9, "helps"), made("open", 8, "undecided"), made("small", 1, "helps"),
        made("within", 0.1, "no effect larger than the margin"), made("sham", 0, "undecided"), made("worst", -9, "hurts"),
    ]  # fmt: skip
    assert [one.arm for one in foremost(found, 4)] == ["best", "small", "sham", "worst"]
    assert [one.arm for one in foremost(found, 5)] == ["best", "small", "within", "sham", "worst"]
    assert foremost(found, 9) == found


def test_many_bad_arms_do_not_crowd_out_the_good_ones():
    found = [made("good", 1, "helps"), *(made(f"bad {at}", -50 - at, "hurts") for at in range(99))]
    assert [one.arm for one in foremost(found, 3)] == ["good", "bad 97", "bad 98"]


def test_both_ends_of_a_ranking_are_kept():
    assert extremes(list("abcdefg"), 3) == ["a", "b", "g"]
    assert extremes(list("abc"), 3) == ["a", "b", "c"]
    assert extremes(list("abc"), 1) == ["a"]


def test_differences_are_those_of_the_same_seed(study):
    found = dict(seed_differences(study, "lenet5")["dropout"])
    runs = study.runs.set_index(["arm", "seed"])["test_accuracy"]
    assert found == {seed: runs["dropout", seed] - runs["baseline", seed] for seed in range(10)}


def test_a_seed_without_its_baseline_has_no_difference(studies):
    runs = studies.runs(seeds=4)
    runs.loc[(runs["arm"] == "baseline") & (runs["seed"] == 2), "status"] = "missing"
    assert [seed for seed, _ in seed_differences(studies.study(runs), "lenet5")["dropout"]] == [0, 1, 3]
