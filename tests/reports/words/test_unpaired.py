import numpy as np
import pandas as pd

from ablations.seeds import Looks
from reports.sources.from_frame import study_from_runs
from reports.words.alerts import alerts
from reports.words.unpaired import unpaired


def frame(seeds=5, models=("m",)):
    random = np.random.default_rng(0)
    rows = [
        (model, arm, seed, 70 + random.normal(), 90.0, "finished")
        for model in models
        for arm in ("baseline", "mine", "other")
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows, columns=["model", "arm", "seed", "test_accuracy", "train_accuracy", "status"])


def told(runs):
    return list(unpaired(study_from_runs(runs, "x")))


def test_nothing_is_said_where_all_runs_are_compared(study):
    assert told(frame()) == []
    assert list(unpaired(study)) == []


def test_runs_without_a_baseline_of_the_same_seed_are_told():
    runs = frame()
    runs.loc[(runs["arm"] == "mine") & (runs["seed"] < 3), "seed"] += 100
    assert told(runs) == [
        "Not compared, for want of a baseline of the same seed: mine 3 runs.",
        "Compared on fewer seeds than the baseline has: mine 2 of 5.",
    ]


def test_a_missing_baseline_run_is_told_for_every_arm():
    runs = frame().query("arm != 'baseline' or seed != 2")
    assert told(runs) == ["Not compared, for want of a baseline of the same seed: mine 1 run, other 1 run."]


def test_a_diverged_run_without_an_accuracy_is_told():
    runs = frame()
    runs.loc[7, ["test_accuracy", "status"]] = [np.nan, "diverged"]
    assert told(runs) == ["Not compared, for want of a test accuracy: mine 1 run."]


def test_the_numbers_of_a_failed_run_are_not_used_in_silence():
    runs = frame()
    runs.loc[[6, 7], "status"] = "failed"
    assert told(runs) == ["Not compared, having failed, whatever numbers they left: mine 2 runs."]


def test_a_run_without_a_gap_where_others_have_one_is_told():
    runs = frame()
    runs.loc[7, "train_accuracy"] = np.nan
    assert told(runs) == ["Not compared in the gap, for want of a training accuracy: mine 1 run."]
    assert told(runs.drop(columns="train_accuracy")) == []


def test_models_are_named_where_there_are_several():
    runs = frame(models=("a", "b")).query("model != 'b' or arm != 'mine' or seed != 1")
    assert told(runs) == ["Compared on fewer seeds than the baseline has: mine on b 4 of 5."]


def test_an_arm_that_a_model_lacks_is_told():
    runs = frame(models=("a", "b")).query("model != 'b' or arm != 'mine'")
    assert told(runs) == ["Compared on fewer seeds than the baseline has: mine on b 0 of 5."]


def test_fewer_seeds_are_as_intended_under_a_rule_that_adds_them(studies):
    runs = studies.runs(seeds=10).query("arm != 'dropout' or seed < 5")
    assert list(unpaired(studies.study(runs, sampling=Looks(looks=(5, 10))))) == []


def test_every_row_that_is_in_no_effect_is_among_the_alerts():
    runs = frame().query("arm != 'baseline' or seed != 2")
    assert any("mine 1 run" in alert for alert in alerts(study_from_runs(runs, "x")))


def test_of_very_many_arms_the_first_are_named_and_the_others_counted():
    runs = pd.DataFrame(
        [(f"arm {n}", 100 * n + seed, 70.0) for n in range(60) for seed in range(3)],
        columns=["arm", "seed", "test_accuracy"],
    ).replace({"arm 0": "baseline"})
    said = next(unpaired(study_from_runs(runs, "apart")))
    assert said.startswith("Not compared, for want of a baseline of the same seed: arm 1 3 runs")
    assert said.endswith("and 39 more.")
