"""What runs leave to be looked at comes into their records, and from there into the study."""

import modules.training
from ablations import Spec
from reports.sources.recorded import recorded_study
from runs import Home, make_plan
from runs.engines.inline import Inline
from runs.execute import execute
from runs.records import Records
from runs.results import Results
from runs.shipping import Shipper
from runs.slots import Slot

SPEC = Spec.model_validate({"name": "seen", "factors": {"dropout": {"p": 0.5}}, "seeds": 2})
METRICS = {"val_accuracy": 1.0, "test_accuracy": 1.0, "train_accuracy": 1.0, "gap": 0.0, "seconds": 0.1, "epochs": 1}


def picture(seed):
    return {"png": str(seed), "side": 8, "true": [], "found": []}


def test_images_of_the_first_seed_are_shown(monkeypatch):
    def train(recipe, seed, device, on_epoch):
        left = () if recipe.replicate else (picture(seed),)
        return modules.training.Outcome("finished", METRICS, {}, {}, "cpu", left)

    monkeypatch.setattr(modules.training, "train", train)
    monkeypatch.setattr(Shipper, "_tell", lambda self, *messages: None)
    (home := Home.at()).prepare()
    plan = make_plan(SPEC)
    execute(plan, home, lambda member: Inline(home, SPEC.name, [Slot(0)]), lambda event, record: None)
    records = Records(home).newest(plan.by_fingerprint)
    assert ["pictures" in record for record in records.values()].count(False) == 2  # those of the sham
    study = recorded_study(plan, Results({key: {**one, "run_id": one["id"]} for key, one in records.items()}), "")
    assert study.sights == {("lenet5", arm): [picture(0)] for arm in ("baseline", "dropout")}
