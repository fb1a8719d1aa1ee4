import json

import pytest

from ablations import load_spec
from runs.plan import make_plan, plan_as_data, plan_from_data


def test_every_arm_under_every_seed_once(plan):
    cells = [(run.labels["arm"], run.seed) for run in plan.runs]
    arms = ["baseline", "dropout", "weight_decay", "sham"]
    assert cells == [(arm, seed) for seed in (0, 1) for arm in arms]
    assert len({run.fingerprint for run in plan.runs}) == len(cells)


def test_titles_name_factor_level_and_seed(plan):
    titles = [run.title for run in plan.runs if run.seed == 1]
    assert titles == [
        "baseline · seed 1",
        "dropout p=0.5 · seed 1",
        "weight_decay strength=0.01 · seed 1",
        "sham · seed 1",
    ]


def test_differences_are_proved(plan):
    dropout = next(one for one in plan.arms if one.arm.name == "dropout")
    assert dropout.differs == (
        "model.surgeries[dropout]", "+2 Dropout modules", "initial weights equal", "parameters equal",
    )  # fmt: skip


def test_a_plan_survives_json(plan):
    again = plan_from_data(json.loads(json.dumps(plan_as_data(plan), sort_keys=True)))
    assert again == plan
    assert again.runs == plan.runs


def test_an_arm_without_effect_is_refused_by_name():
    spec = load_spec("batchnorm", ["baseline.model.name=cifar_resnet20", "seeds=1"])
    with pytest.raises(ValueError, match=r"arm 'batchnorm share=0\.5' on cifar_resnet20.*changes nothing here"):
        make_plan(spec)
