import time

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from ablations.spec import Claim
from reports.inference.effects import effects, effects_frame
from reports.sources.bad_runs import BadRuns
from reports.sources.declared import Declared
from reports.sources.from_frame import study_from_runs


def runs(arms=("baseline", "mine", "other"), seeds=6, **columns):
    random = np.random.default_rng(1)
    rows = [(arm, seed, 70 + random.normal()) for arm in arms for seed in range(seeds)]
    return pd.DataFrame(rows, columns=["arm", "seed", "test_accuracy"]).assign(**columns)


def found(study):
    return effects_frame(effects(study))


@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 35), max_size=12, unique=True))
def test_the_order_of_rows_means_nothing(random, left_out):
    frame = pd.concat([runs(model="a"), runs(model="b")], ignore_index=True).drop(index=left_out)
    frame = pd.concat([runs(("baseline",), model=model) for model in "ab"] + [frame]).drop_duplicates(
        ["model", "arm", "seed"]
    )
    shuffled = frame.sample(frac=1, random_state=random.randrange(1000))
    one, other = (study_from_runs(each, "x") for each in (frame, shuffled))
    pd.testing.assert_frame_equal(one.runs, other.runs)
    assert one.arms == other.arms
    pd.testing.assert_frame_equal(found(one), found(other))


def test_numbers_and_their_texts_are_the_same_runs():
    frame = runs(train_accuracy=90.5, status="")
    pd.testing.assert_frame_equal(study_from_runs(frame, "x").runs, study_from_runs(frame.astype(str), "x").runs)


def test_the_gap_is_training_less_test_accuracy_where_it_is_not_given():
    frame = runs(train_accuracy=90.0, gap=np.nan)
    frame.loc[0, "gap"] = 3.0
    gap = study_from_runs(frame, "x").runs["gap"]
    assert gap.iloc[0] == 3.0
    assert gap.iloc[1] == 90 - frame["test_accuracy"][1]


def test_what_is_declared_is_in_the_study():
    claims = (Claim(arm="mine", direction="higher"),)
    study = study_from_runs(runs(), "x", Declared(margin=0.5, question="Why?", claims=claims, chance=10))
    assert (study.margin, study.question, study.claims, study.chance) == (0.5, "Why?", claims, 10)


def test_a_claim_about_an_arm_that_is_not_there_is_refused():
    claims = (Claim(arm="mne", direction="higher"),)
    with pytest.raises(BadRuns, match=r"claims: there is no arm 'mne'; did you mean mine\?"):
        study_from_runs(runs(), "x", Declared(claims=claims))


def test_a_claim_about_a_measure_that_is_no_column_is_refused():
    declared = Declared(claims=(Claim(arm="mine", measure="test_mean_iou", direction="higher"),))
    with pytest.raises(BadRuns, match="claims: there is no column 'test_mean_iou'"):
        study_from_runs(runs(), "x", declared)
    assert study_from_runs(runs(test_mean_iou=40.0), "x", declared).claims == declared.claims


@pytest.mark.parametrize(("column", "value"), [("test_mean_iou", 101), ("peak_memory_mb", -1), ("test_map_50", "a")])
def test_further_measures_keep_the_rules_of_their_kind(column, value):
    with pytest.raises(BadRuns, match=f"{column}: must be"):
        study_from_runs(runs(**{column: value}), "x")


def test_columns_that_are_not_used_are_told():
    assert study_from_runs(runs(lr=0.1, wandb_id="a"), "x").provenance["Columns not used"] == "lr, wandb_id"


def test_counts_stay_whole_numbers():
    assert study_from_runs(runs(epochs=60.0, macs=np.nan), "x").runs["epochs"].astype(str).eq("60").all()


def test_seeds_may_be_written_with_a_point():
    assert study_from_runs(runs().astype({"seed": float}), "x").seeds == list(range(6))


def test_arms_may_be_numbers():
    frame = runs(("baseline", 1234567, 1234568))
    assert study_from_runs(frame, "x").tested == ["1234567", "1234568"]


def test_frames_of_any_type_of_pandas_are_read():
    frame = runs(train_accuracy=90.0, model=None)
    typed = frame.convert_dtypes().astype({"arm": "category"})
    pd.testing.assert_frame_equal(study_from_runs(frame, "x").runs, study_from_runs(typed, "x").runs)


def test_a_failed_run_without_a_reason_says_so():
    study = study_from_runs(runs(status=["failed"] + ["finished"] * 17), "x")
    assert study.runs["reason"].iloc[0] == "no reason given"


def test_the_time_for_a_study_grows_no_faster_than_its_runs():
    few, many = (runs([*map(str, range(count)), "baseline"], seeds=10) for count in (100, 1000))

    def fastest(frame):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            study_from_runs(frame, "x")
            times.append(time.perf_counter() - start)
        return min(times)

    assert fastest(many) < 20 * fastest(few)
