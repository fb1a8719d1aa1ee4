"""The rule of a spec and the intervals of its report are one: what is decided stops, what is not goes on."""

import numpy as np
import pytest
from scipy import stats

from ablations import Spec
from reports import more_seeds, recorded_study
from reports.inference.effects import effects
from runs import Home, make_plan
from runs.records import Records, make_record
from runs.results import Results
from runs.stages import as_recorded

GAINS = {"dropout": (8.0, 0.3), "weight_decay": (0.5, 3.0)}
"""Mean and spread of an arm's gain, in points."""


def planned(seeds):
    factors = {"dropout": {"p": 0.5}, "weight_decay": {"strength": 0.01}}
    return make_plan(Spec.model_validate({"name": "small", "factors": factors, "seeds": seeds, "margin": 1.0}))


def gain(run):
    mean, spread = GAINS.get(run.labels["arm"], (0.0, 0.5))
    arm = sum(map(ord, run.labels["arm"]))
    return mean + spread * np.random.default_rng([arm, run.seed]).normal() if run.labels["arm"] != "baseline" else 0.0


@pytest.fixture
def records(own_home):
    home = Home.at()
    home.prepare()
    return Records(home)


def carry_out(plan, records, status="finished"):
    for run in plan.runs:
        accuracy = 70 + run.seed % 3 + gain(run)
        metrics = {"test_accuracy": accuracy, "train_accuracy": 100.0, "gap": 100 - accuracy, "seconds": 1.0}
        records.write(make_record(run, "small", 1, status, 0.0, metrics=metrics))


def study(plan, records):
    newest = records.newest(plan.by_fingerprint)
    return recorded_study(plan, Results({key: {**one, "run_id": one["id"]} for key, one in newest.items()}), "")


def carried_out(plan, records):
    """As an ablation that nothing gets in the way of."""
    carry_out(plan, records)
    while len((after := as_recorded(plan, records, more_seeds)).runs) > len(plan.runs):
        plan = after
        carry_out(plan, records)
    return plan


def test_a_decided_arm_stops_at_its_look_and_an_undecided_one_goes_on(records):
    plan = carried_out(planned({"looks": [5, 10, 20]}), records)
    counts = {arm: count for (arm, _), count in plan.counts.items()}
    assert counts == {"baseline": 20, "dropout": 5, "weight_decay": 20, "sham": 20}
    runs = study(plan, records).runs
    assert set(runs["status"]) == {"finished"}  # seeds that an arm did not need are not missing
    assert len(runs) == 65
    found = {effect.arm: effect for effect in effects(study(plan, records))}
    assert found["dropout"].verdict == "helps"
    assert (found["dropout"].accuracy.n, found["weight_decay"].accuracy.n) == (5, 20)


def test_the_second_stage_has_as_many_seeds_as_the_spread_of_the_first_asks_for(records):
    plan = planned({"stein": 5, "half_width": 2.0, "most": 60})
    carry_out(plan, records)
    gains = [gain(run) for run in plan.runs if run.labels["arm"] == "weight_decay"]
    quantile = stats.t.ppf(1 - 0.05 / 2 / 2, 4)  # two arms hold together
    needed = int(np.ceil((quantile * np.std(gains, ddof=1) / 2.0) ** 2))
    counts = {arm: count for (arm, _), count in as_recorded(plan, records, more_seeds).counts.items()}
    assert counts == {"baseline": needed, "dropout": 5, "weight_decay": needed, "sham": needed}
    assert 5 < needed < 60


def test_arms_of_which_nothing_is_left_do_not_stand_in_the_way(records):
    plan = planned({"looks": [3, 6]})
    carry_out(plan, records, status="failed")
    after = as_recorded(plan, records, more_seeds)
    assert set(after.counts.values()) <= {3, 6}
