import json

import pytest

from ablations import load_spec
from ablations.designs import DESIGNS
from runs.plan import make_plan
from runs.written import light_plan, plan_as_data, plan_from_data


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


def test_a_plan_calls_the_score_as_its_task_does(small):
    plan = light_plan(load_spec(small), {})
    assert plan.score == "accuracy"
    scores = {}
    for task in ("segmentation", "detection"):
        plan.__dict__["data"] = plan.data._replace(task=task)
        scores[task] = plan.score
    assert scores == {"segmentation": "mean IoU", "detection": "mAP at .5"}


@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_is_planned_on_every_architecture_and_survives_json(design, small):
    spec = load_spec(small, [f"design={design}", "models=[lenet5, mlp]", "arms.both.width.multiplier=0.5"])
    plan = make_plan(spec)
    assert [(one.arm.name, one.model) for one in plan.arms] == [
        (arm.name, model) for model in ("lenet5", "mlp") for arm in spec.arms
    ]  # fmt: skip
    assert [bool(one.differs) for one in plan.arms] == [one.arm.name != "baseline" for one in plan.arms]
    again = plan_from_data(json.loads(json.dumps(plan_as_data(plan))))
    assert again == plan
    assert again.runs == plan.runs


def test_without_a_remedy_an_arm_is_the_full_set_of_the_others(small):
    left_out = {one.arm.name: one for one in make_plan(load_spec(small, ["design=leave_one_out"])).arms}
    alone = {one.arm.name: one for one in make_plan(load_spec(small)).arms}
    assert left_out["without weight_decay"].recipe == alone["dropout"].recipe
    assert left_out["none"].recipe == alone["baseline"].recipe
    assert left_out["without dropout"].differs[:2] == ("model.surgeries[dropout]", "-2 Dropout modules")
