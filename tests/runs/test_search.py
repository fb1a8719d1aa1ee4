"""The search of settings: with a training whose optimum is known, and once with the real one."""

import json
import math
from collections import Counter

import pytest
from mlflow.tracking import MlflowClient

from ablations import Spec
from runs import Home, make_plan, plan_from_data, read_json, write_json
from runs.engines.inline import Inline
from runs.engines.local import Local
from runs.events import Ended, Offered
from runs.execute import execute
from runs.records import Records
from runs.search import so_far
from runs.shipping import Shipper
from runs.slots import Slot
from runs.status import status
from runs.trials import expected_runs, findings
from runs.written import plan_as_data

SEARCH = {
    "optimizer.lr": {"low": 0.001, "high": 0.3, "log": True},
    "dropout.p": {"low": 0.1, "high": 0.7},
}
BEST = {"baseline": 0.1, "dropout": 0.01}
"""The learning rates that the made-up training likes best; with dropout, also p = 0.3."""


def spec(search=SEARCH, trials=6, seeds=2, epochs=9, **changes):
    tune = {key: changes.pop(key) for key in ("sampler", "pruning") if key in changes}
    baseline = {
        "data": {"train_size": 40},
        "optimizer": {"name": "sgd", "lr": 0.02, "momentum": 0.9},
        "trainer": {"epochs": epochs, "batch_size": 20},
    }
    tree = {"name": "small", "baseline": baseline, "factors": {"dropout": {"p": 0.5}}, "seeds": 2}
    tune |= {"search": search, "trials": trials, "seeds": seeds}
    return Spec.model_validate({**tree, "tune": tune, **changes})


def made_up_accuracy(recipe, seed):
    """Falls with the distance from the best settings; the longer the training, the higher; seeds differ a little."""
    dropouts = [surgery for surgery in recipe.model.surgeries if surgery.factor == "dropout"]
    best = BEST["dropout" if dropouts else "baseline"]
    off = abs(math.log10(recipe.optimizer.lr / best)) + sum(abs(surgery.p - 0.3) for surgery in dropouts)
    return 90 - 20 * off - 10 / recipe.trainer.epochs + seed % 3


@pytest.fixture
def trained(monkeypatch):
    """Every training that was done, as (recipe, seed); takes the place of training."""
    import modules.training

    done = []

    def train(recipe, seed, device, on_epoch):
        done.append((recipe, seed))
        accuracy = made_up_accuracy(recipe, seed)
        metrics = {"val_accuracy": accuracy, "test_accuracy": 100 - accuracy, "train_accuracy": 100.0, "gap": 0.0,
                   "test_loss": 1.0, "seconds": 0.1, "epochs": recipe.trainer.epochs}  # fmt: skip
        return modules.training.Outcome("finished", metrics, {}, {}, "cpu")

    monkeypatch.setattr(modules.training, "train", train)
    return done


@pytest.fixture
def carry_out(home, monkeypatch):
    def carry_out(spec, home=home, tracked=False, **options):
        heard = []
        engine = options.pop("engine", lambda member: Inline(home, spec.name, [Slot(0)]))
        plan = so_far(make_plan(spec), Records(home))
        if not tracked:  # which would take longer than all the rest
            monkeypatch.setattr(Shipper, "_tell", lambda self, *messages: None)
        summary = execute(plan, home, engine, lambda event, record: heard.append((event, record)), **options)
        return summary, [event for event, _ in heard]

    return carry_out


def settings(plan):
    return {planned.arm.name: dict(planned.settings) for planned in plan.arms}


def by_arm(plan):
    return {arm: [one for one in plan.trials if one.planned.arm.name == arm] for arm in ("baseline", "dropout", "sham")}


def test_every_arm_gets_the_same_budget_and_the_sham_what_the_baseline_found(trained, carry_out):
    summary, _ = carry_out(spec())
    assert summary.complete
    trials = by_arm(summary.plan)
    for arm in ("baseline", "dropout"):
        assert [trial.planned.trial for trial in trials[arm]] == list(range(6))
        assert {tuple(run.seed for run in trial.runs) for trial in trials[arm]} == {(1_000_000, 1_000_001)}
    assert trials["sham"] == []
    chosen = settings(summary.plan)
    assert chosen["baseline"].keys() == {"optimizer.lr"}
    assert chosen["dropout"].keys() == {"optimizer.lr", "dropout.p"}
    assert chosen["sham"] == chosen["baseline"]
    recipes = {planned.arm.name: planned.recipe for planned in summary.plan.arms}
    assert recipes["sham"].optimizer == recipes["baseline"].optimizer
    assert Counter(seed for _, seed in trained) == {1_000_000: 12, 1_000_001: 12, 0: 3, 1: 3}


def test_the_first_trial_is_the_arm_as_the_spec_has_it(trained, carry_out):
    one = spec()
    untuned = {planned.arm.name: planned.recipe for planned in make_plan(one).arms}
    summary, _ = carry_out(one)
    for arm in ("baseline", "dropout"):
        assert by_arm(summary.plan)[arm][0].planned.recipe == untuned[arm]


def test_the_best_by_validation_is_chosen_and_reported(trained, carry_out, home):
    summary, _ = carry_out(spec())
    for found in findings(summary.plan, Records(home).newest(summary.plan.by_fingerprint)):
        trials = by_arm(summary.plan)[found.cell[0]]
        values = [sum(made_up_accuracy(run.recipe, run.seed) for run in trial.runs) / 2 for trial in trials]
        best = values.index(max(values))
        assert found.value == pytest.approx(max(values))
        assert found.own_value == pytest.approx(values[0])
        assert found.chosen == dict(trials[best].planned.settings)
        assert (found.trials, found.pruned, found.bad_runs, found.epochs) == (6, 0, 0, 6 * 2 * 9)
    dropout = next(planned for planned in summary.plan.arms if planned.arm.name == "dropout")
    assert dict(dropout.settings) == {
        "dropout.p": dropout.recipe.model.surgeries[0].p,
        "optimizer.lr": dropout.recipe.optimizer.lr,
    }


def test_tpe_comes_nearer_to_the_optimum_than_the_spec(trained, carry_out):
    summary, _ = carry_out(spec(trials=15))
    for arm, best in BEST.items():
        found = settings(summary.plan)[arm]["optimizer.lr"]
        assert abs(math.log10(found / best)) < abs(math.log10(0.02 / best))


def test_no_test_image_has_a_say(trained, carry_out, home):
    summary, _ = carry_out(spec())
    records = Records(home)

    def rewrite(record):
        write_json(home.records / f"{record['id']}.json", record)

    newest = records.newest(summary.plan.by_fingerprint)
    values = [record["metrics"]["test_accuracy"] for record in newest.values()]
    for record, value in zip(newest.values(), reversed(values), strict=True):
        rewrite({**record, "metrics": {**record["metrics"], "test_accuracy": value, "gap": -value}})
    again = so_far(make_plan(spec()), records)
    assert again == summary.plan
    for key in [run.fingerprint for run in summary.plan.trials[0].runs]:  # but validation has
        rewrite({**newest[key], "metrics": {**newest[key]["metrics"], "val_accuracy": 100.0}})
    other = so_far(make_plan(spec()), records)
    assert other.searching or settings(other) != settings(summary.plan)


def test_the_same_records_lead_the_same_way(trained, carry_out, home, tmp_path):
    summary, _ = carry_out(spec())
    elsewhere = Home.at(tmp_path / "elsewhere")
    other, _ = carry_out(spec(search=dict(reversed(SEARCH.items()))), elsewhere)
    assert [run.fingerprint for run in other.plan.runs] == [run.fingerprint for run in summary.plan.runs]
    assert {t.planned.settings for t in other.plan.trials} == {t.planned.settings for t in summary.plan.trials}


def test_doing_it_again_trains_nothing(trained, carry_out):
    first, _ = carry_out(spec())
    count = len(trained)

    def no_engine(member):
        raise AssertionError("nothing was to be trained")

    again, _ = carry_out(spec(), engine=no_engine)
    assert again.plan == first.plan
    assert again.done == first.done
    assert len(trained) == count


@pytest.mark.parametrize("interrupted_at", [1, 5, 8, 14, 25])
def test_interrupted_anywhere_and_done_again_it_is_as_if_it_had_not_been(
    interrupted_at, trained, carry_out, tmp_path, monkeypatch
):
    import modules.training

    undisturbed, _ = carry_out(spec(), Home.at(tmp_path / "undisturbed"))
    count, train = len(trained), modules.training.train

    def interrupted(*args):
        if len(trained) == count + interrupted_at - 1:
            raise KeyboardInterrupt
        return train(*args)

    with monkeypatch.context() as patch:
        patch.setattr(modules.training, "train", interrupted)
        with pytest.raises(KeyboardInterrupt):
            carry_out(spec())
    summary, _ = carry_out(spec())
    assert len(trained) == 2 * count
    assert summary.plan == undisturbed.plan
    assert metrics(summary.done) == metrics(undisturbed.done)


def metrics(records):
    return {
        key: {name: value for name, value in record["metrics"].items() if name != "seconds"}
        for key, record in records.items()
    }


def test_settings_that_are_asked_for_twice_are_trained_once(trained, carry_out):
    summary, _ = carry_out(spec({"trainer.batch_size": [10, 20]}, trials=6))
    assert len(by_arm(summary.plan)["baseline"]) == 6
    assert Counter(seed >= 1_000_000 for _, seed in trained)[True] <= 2 * 2 * 2
    assert summary.complete


def test_of_equal_trials_the_earlier_is_chosen(trained, carry_out):
    summary, _ = carry_out(spec({"trainer.batch_size": [10, 20]}, trials=4))  # the made-up training does not mind
    assert settings(summary.plan)["baseline"] == {"trainer.batch_size": 20}


@pytest.mark.parametrize("outcome", ["failed", "diverged"])
def test_a_trial_that_fails_or_diverges_is_the_worst_and_no_error(outcome, trained, carry_out, home, monkeypatch):
    import modules.training

    train = modules.training.train

    def breaking(recipe, *args):
        found = train(recipe, *args)
        if recipe.optimizer.lr < 0.05:
            return found
        if outcome == "failed":
            raise ValueError("boom")
        return modules.training.Outcome("diverged", {**found.metrics, "val_accuracy": 99.0}, {}, {}, "cpu")

    monkeypatch.setattr(modules.training, "train", breaking)
    summary, _ = carry_out(spec(trials=8), fail_fast=True)
    assert summary.complete
    assert settings(summary.plan)["baseline"]["optimizer.lr"] < 0.05
    found = {one.cell[0]: one for one in findings(summary.plan, Records(home).newest(summary.plan.by_fingerprint))}
    bad = [trial for trial in by_arm(summary.plan)["baseline"] if trial.planned.recipe.optimizer.lr >= 0.05]
    assert bad
    assert found["baseline"].bad_runs == 2 * len(bad)
    count = len(trained)
    again, _ = carry_out(spec(trials=8))
    assert again.plan == summary.plan
    assert len(trained) == count


def test_settings_that_do_not_go_together_cost_nothing_and_are_not_chosen(trained, carry_out):
    search = {"optimizer.momentum": [0.9, 0.0], "optimizer.nesterov": [False, True]}
    summary, _ = carry_out(spec(search, trials=12, sampler="random"))
    tried = [dict(trial.planned.settings) for trial in by_arm(summary.plan)["baseline"]]
    assert {"optimizer.momentum": 0.0, "optimizer.nesterov": True} not in tried
    assert len(tried) < 12
    assert summary.complete


def test_what_the_spec_has_may_lie_outside_of_the_range(trained, carry_out):
    summary, _ = carry_out(spec({"optimizer.weight_decay": {"low": 0.0001, "high": 0.1, "log": True}}))
    own = by_arm(summary.plan)["baseline"][0]
    assert own.planned.settings == (("optimizer.weight_decay", 0.0),)


def test_hyperband_gives_up_early_and_chooses_among_what_was_trained_to_the_end(trained, carry_out, home):
    summary, _ = carry_out(spec(trials=12, pruning="hyperband", sampler="random"))
    assert summary.complete
    for found in findings(summary.plan, Records(home).newest(summary.plan.by_fingerprint)):
        trials = by_arm(summary.plan)[found.cell[0]]
        lengths = {}
        for trial in trials:
            lengths.setdefault(trial.planned.trial, []).append(trial.planned.recipe.trainer.epochs)
        assert lengths.pop(0) == [9]
        assert {tuple(one) for one in lengths.values()} <= {(1,), (1, 3), (1, 3, 9)}
        assert found.trials == 12
        assert found.pruned == sum(one[-1] < 9 for one in lengths.values())
        assert 0 < found.pruned < 11
        whole = [dict(t.planned.settings) for t in trials if t.planned.recipe.trainer.epochs == 9]
        assert found.chosen in whole
        assert found.epochs == 2 * (9 + sum(map(sum, lengths.values())))
    assert {planned.recipe.trainer.epochs for planned in summary.plan.arms} == {9}


def test_one_set_of_workers_serves_all_rounds(trained, carry_out, home):
    engines = []

    def engine(member):
        engines.append(Inline(home, "small", [Slot(0)], member))
        return engines[-1]

    summary, events = carry_out(spec(), engine=engine)
    assert len(engines) == 1
    batches = [len(event.runs) for event in events if isinstance(event, Offered)]
    assert batches == [4] * 6 + [len(summary.plan.by_fingerprint)]
    assert len([event for event in events if isinstance(event, Ended)]) == len(summary.plan.by_fingerprint)


def test_a_plan_survives_json_while_it_is_searched_and_after(trained, carry_out, home, monkeypatch):
    one = spec()
    searching = so_far(make_plan(one), Records(home))
    assert searching.searching
    assert searching.runs == ()
    summary, _ = carry_out(one)
    assert not summary.plan.searching
    for plan in (searching, summary.plan):
        again = plan_from_data(json.loads(json.dumps(plan_as_data(plan), sort_keys=True)))
        assert again == plan
        assert again.by_fingerprint == plan.by_fingerprint
    assert plan_from_data(read_json(home.plan("small"))) == summary.plan


def test_what_was_written_before_there_were_searches_reads_back(home):
    plan = make_plan(Spec.model_validate({"name": "small", "factors": {"dropout": {}}, "seeds": 1}))
    data = plan_as_data(plan)
    del data["trials"], data["searching"]
    for arm in data["arms"]:
        del arm["settings"]
    assert plan_from_data(data) == plan


def test_the_tracker_tells_search_from_report(trained, carry_out, home):
    carry_out(spec(trials=3), tracked=True)
    client = MlflowClient(tracking_uri=home.tracking_uri)
    experiment = client.get_experiment_by_name("small").experiment_id
    runs = client.search_runs([experiment], "tags.role = 'run'", max_results=1000)
    assert Counter(run.data.tags["purpose"] for run in runs) == {"search": 2 * 3 * 2, "report": 3 * 2}
    names = {run.info.run_name for run in runs if run.data.tags["purpose"] == "search"}
    assert "dropout · search 2 · seed 1000001" in names
    assert "baseline · seed 0" in {run.info.run_name for run in runs if run.data.tags["purpose"] == "report"}


def test_status_counts_what_a_search_will_still_ask_for(trained, carry_out, home):
    one = spec()
    plan = so_far(make_plan(one), Records(home))
    assert status(plan, home)["missing"] == expected_runs(plan) == 2 * 6 * 2 + 3 * 2
    summary, _ = carry_out(one)
    found = status(summary.plan, home)
    assert (found["runs"], found["finished"], found["missing"]) == (30, 30, 0)


def test_an_architecture_has_searches_of_its_own(trained, carry_out):
    summary, _ = carry_out(spec(models=["lenet5", "perceptron"], trials=4))
    cells = Counter(trial.planned.cell for trial in summary.plan.trials)
    assert cells == {(arm, model): 4 for arm in ("baseline", "dropout") for model in ("lenet5", "perceptron")}
    asked = {cell: [t.planned.settings for t in summary.plan.trials if t.planned.cell == cell] for cell in cells}
    assert asked["baseline", "lenet5"] != asked["baseline", "perceptron"]


def test_with_all_factors_on_in_the_baseline_every_arm_is_proved_against_the_tuned_one(trained, carry_out):
    factors = {"dropout": {"p": 0.5}, "weight_decay": {"strength": 0.01}}
    summary, _ = carry_out(spec(design="leave_one_out", factors=factors))
    chosen, arms = settings(summary.plan), {planned.arm.name: planned for planned in summary.plan.arms}
    assert "dropout.p" in chosen["baseline"]
    assert chosen["sham"] == chosen["baseline"]
    assert "dropout.p" not in chosen["without dropout"]
    assert arms["without weight_decay"].arm.factor == "weight_decay"
    lr = [chosen[name]["optimizer.lr"] for name in ("baseline", "without dropout")]
    assert f"optimizer.lr: {lr[0]} -> {lr[1]}" in arms["without dropout"].differs
    assert arms["baseline"].differs == ()


def test_warm_workers_learn_of_every_round(home):
    """Nothing made up: other processes train what is asked for after they were started."""
    one = spec(trials=3, seeds=1, epochs=1)
    plan = so_far(make_plan(one), Records(home))
    summary = execute(plan, home, lambda member: Local(home, "small", [Slot(0)]), lambda event, record: None)
    assert summary.complete
    assert len(summary.done) == 2 * 3 + 3 * 2
    inline = Home.at(home.root / "inline")
    again = execute(plan, inline, lambda member: Inline(inline, "small", [Slot(0)]), lambda event, record: None)
    assert metrics(again.done) == metrics(summary.done)
