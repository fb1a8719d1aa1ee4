"""Seeds that a rule adds: with decisions that are written down here, and a training that takes no time."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablations import Spec, load_spec
from runs import make_plan, plan_from_data, read_json
from runs.engines.inline import Inline
from runs.events import Offered
from runs.execute import execute
from runs.outlook import as_data, outlook
from runs.recall import NothingRecorded, recall
from runs.records import Records
from runs.shipping import Shipper
from runs.slots import Slot
from runs.stages import as_recorded, grown, reached, to_the_end
from runs.status import status
from runs.written import plan_as_data

LOOKS = "seeds={looks: [3, 5, 8]}"
ARMS = ("baseline", "dropout", "weight_decay", "sham")


@pytest.fixture
def trained(monkeypatch):
    """Every training that was done, as (recipe, seed); takes the place of training."""
    import modules.training

    done = []

    def train(recipe, seed, device, on_epoch):
        done.append((recipe, seed))
        metrics = {"val_accuracy": 70.0 + seed, "test_accuracy": 70.0, "gap": 0.0, "seconds": 0.1, "epochs": 2}
        return modules.training.Outcome("finished", metrics, {}, {}, "cpu")

    monkeypatch.setattr(modules.training, "train", train)
    monkeypatch.setattr(Shipper, "_tell", lambda self, *messages: None)  # tracking would take longer than all the rest
    return done


@pytest.fixture
def plan(small):
    return make_plan(load_spec(small, [LOOKS]))


class Script:
    """Decides by the seeds of the arm that has most; notes what it was asked."""

    def __init__(self, steps):
        self.steps, self.asked = steps, []

    def __call__(self, plan, records):
        assert records.keys() == {run.fingerprint for run in plan.runs}
        self.asked.append(dict(plan.counts))
        return {(arm, "lenet5"): count for arm, count in self.steps.get(max(plan.counts.values()), {}).items()}


def dropout_goes_on():
    return Script({3: {"weight_decay": 5, "dropout": 5}, 5: {"dropout": 8}})


@pytest.fixture
def carry_out(home, trained):
    def carry_out(plan, decide, **options):
        heard = []
        engine = options.pop("engine", lambda member: Inline(home, plan.spec.name, [Slot(0)]))
        listener = lambda event, record: heard.append(event)  # noqa: E731
        summary = execute(plan, home, engine, listener, decide=decide, **options)
        return summary, [event for event in heard if isinstance(event, Offered)]

    return carry_out


def no_engine(member):
    raise AssertionError("nothing was to be trained")


def seeds_of(plan):
    return Counter(run.labels["arm"] for run in plan.runs)


def test_before_anything_is_known_every_arm_has_the_seeds_of_the_first_look(plan):
    assert [(run.labels["arm"], run.seed) for run in plan.runs] == [(arm, seed) for seed in range(3) for arm in ARMS]


def test_an_arm_stops_another_goes_on_and_the_controls_go_with_it(plan, home, carry_out, trained):
    decide = dropout_goes_on()
    summary, offered = carry_out(plan, decide)
    assert summary.complete
    assert seeds_of(summary.plan) == {"baseline": 8, "dropout": 8, "weight_decay": 5, "sham": 8}
    assert [len(batch.runs) for batch in offered] == [12, 20, 29]
    assert [reached(batch.plan) for batch in offered] == [
        "look 1 of 3: all arms, 3 seeds each", "look 2 of 3: 2 arms go on", "look 3 of 3: 1 arm goes on",
    ]  # fmt: skip
    assert [seed for _, seed in trained] == sorted(seed for _, seed in trained)
    assert len(trained) == len(summary.done) == 29
    recorded = plan_from_data(read_json(home.plan("small")))
    assert recorded == summary.plan
    found = status(recorded, home)
    assert (found["runs"], found["finished"], found["missing"]) == (29, 29, 0)


def test_every_look_is_asked_about_but_the_last(plan, carry_out):
    decide = dropout_goes_on()
    carry_out(plan, decide)
    assert decide.asked[0] == {(arm, "lenet5"): 3 for arm in ARMS}
    assert {max(counts.values()) for counts in decide.asked} == {3, 5}


def test_it_ends_where_nothing_more_is_asked_for(plan, carry_out, trained):
    summary, offered = carry_out(plan, Script({}))
    assert summary.complete
    assert len(trained) == 12
    assert len(offered) == 1


def test_only_the_controls_of_an_arm_that_goes_on_go_with_it(small, carry_out):
    plan = make_plan(load_spec(small, [LOOKS, "models=[lenet5, mlp]"]))
    summary, _ = carry_out(plan, lambda plan, records: {("dropout", "mlp"): 5})
    assert {run.planned.cell for run in summary.plan.runs if run.seed > 2} == {
        ("baseline", "mlp"), ("dropout", "mlp"), ("sham", "mlp"),
    }  # fmt: skip


def test_doing_it_again_trains_nothing(plan, carry_out):
    first, _ = carry_out(plan, dropout_goes_on())
    again, _ = carry_out(plan, dropout_goes_on(), engine=no_engine)
    assert again.plan == first.plan
    assert again.done == first.done


@pytest.mark.parametrize("interrupted_at", [1, 7, 12, 13, 20, 21, 29])
def test_interrupted_anywhere_and_done_again_it_is_as_if_it_had_not_been(
    interrupted_at, plan, home, carry_out, trained, monkeypatch
):
    import modules.training

    train = modules.training.train

    def interrupted(*args):
        if len(trained) == interrupted_at - 1:
            raise KeyboardInterrupt
        return train(*args)

    with monkeypatch.context() as patch:
        patch.setattr(modules.training, "train", interrupted)
        with pytest.raises(KeyboardInterrupt):
            carry_out(plan, dropout_goes_on())
    assert len(Records(home).newest(to_the_end(plan).by_fingerprint)) == interrupted_at - 1
    summary, _ = carry_out(plan, dropout_goes_on())
    assert seeds_of(summary.plan) == {"baseline": 8, "dropout": 8, "weight_decay": 5, "sham": 8}
    assert len(trained) == len(summary.done) == 29


def break_training(monkeypatch, seeds):
    """Under these seeds every training raises, whatever the arm."""
    import modules.training

    train = modules.training.train

    def breaking(recipe, seed, *args):
        if seed in seeds:
            raise ValueError("boom")
        return train(recipe, seed, *args)

    monkeypatch.setattr(modules.training, "train", breaking)


def test_a_failed_run_has_used_up_its_seed_and_is_tried_again_only_next_time(
    plan, home, carry_out, trained, monkeypatch
):
    with monkeypatch.context() as patch:
        break_training(patch, seeds=[1])
        summary, offered = carry_out(plan, dropout_goes_on())
    assert seeds_of(summary.plan) == {"baseline": 8, "dropout": 8, "weight_decay": 5, "sham": 8}
    assert (len(summary.done), len(summary.failed), summary.missing) == (25, 4, [])
    assert [len(batch.done) for batch in offered] == [0, 12, 20]
    assert {record["attempt"] for record in summary.failed.values()} == {1}
    assert status(summary.plan, home)["failed"] == 4
    again, _ = carry_out(plan, dropout_goes_on())
    assert again.complete
    assert len(trained) == 29


def test_the_same_records_lead_the_same_way_whatever_was_trained_beyond(plan, small, home, carry_out):
    carry_out(make_plan(load_spec(small, ["seeds=8"])), None)
    summary, _ = carry_out(plan, dropout_goes_on(), engine=no_engine)
    assert seeds_of(summary.plan) == {"baseline": 8, "dropout": 8, "weight_decay": 5, "sham": 8}
    assert as_recorded(plan, Records(home), dropout_goes_on()) == summary.plan


def test_fail_fast_looks_at_nothing_more(plan, carry_out, monkeypatch):
    break_training(monkeypatch, seeds=[2])
    decide = dropout_goes_on()
    summary, offered = carry_out(plan, decide, fail_fast=True)
    assert (len(summary.done), len(summary.failed), len(summary.missing)) == (8, 1, 3)
    assert (decide.asked, len(offered)) == ([], 1)


def test_fail_fast_at_the_last_run_of_a_look_begins_no_other(plan, carry_out, monkeypatch):
    import modules.training

    train = modules.training.train
    last = plan.runs[-1]

    def breaking(recipe, seed, *args):
        if (recipe, seed) == (last.recipe, last.seed):
            raise ValueError("boom")
        return train(recipe, seed, *args)

    monkeypatch.setattr(modules.training, "train", breaking)
    summary, offered = carry_out(plan, dropout_goes_on(), fail_fast=True)
    assert len(summary.failed) == 1
    assert {run.seed for batch in offered for run in batch.runs if run.fingerprint in summary.done} == {0, 1, 2}


def test_steins_second_stage_is_the_last_whatever_is_asked_then(small, carry_out):
    plan = make_plan(load_spec(small, ["seeds={stein: 3, most: 9}"]))
    decide = Script({3: {"dropout": 20, "weight_decay": 4}, 9: {"weight_decay": 9}})
    summary, offered = carry_out(plan, decide)
    assert seeds_of(summary.plan) == {"baseline": 9, "dropout": 9, "weight_decay": 4, "sham": 9}
    assert [reached(batch.plan) for batch in offered] == [
        "stage 1 of 2: all arms, 3 seeds each", "stage 2 of 2: 2 arms go on",
    ]  # fmt: skip


def test_a_search_comes_before_the_first_look(small, carry_out, trained):
    search = "tune={search: {optimizer.lr: [0.01, 0.1]}, trials: 2, seeds: 1}"
    summary, offered = carry_out(make_plan(load_spec(small, [LOOKS, search])), dropout_goes_on())
    assert summary.complete
    assert seeds_of(summary.plan) == {"baseline": 8, "dropout": 8, "weight_decay": 5, "sham": 8}
    assert [bool(batch.plan.searching) for batch in offered] == [*[True] * (len(offered) - 3), False, False, False]
    assert len(summary.plan.trials) == 6
    assert plan_from_data(json.loads(json.dumps(plan_as_data(summary.plan)))) == summary.plan


def test_a_rule_without_anybody_who_goes_by_it_is_refused(plan, carry_out):
    with pytest.raises(ValueError, match=r"^small adds seeds by a rule; say who goes by it, with decide=reports"):
        carry_out(plan, None)


def test_a_plan_in_the_middle_survives_json(plan):
    middle = replace(plan, counts=grown(plan, {("dropout", "lenet5"): 5}))
    again = plan_from_data(json.loads(json.dumps(plan_as_data(middle), sort_keys=True)))
    assert again == middle
    assert again.runs == middle.runs
    assert len(middle.runs) == 18


def test_overrides_recall_the_runs_of_the_looks_that_were_taken(plan, small, home, carry_out):
    summary, _ = carry_out(plan, dropout_goes_on())
    assert recall(str(small), home, [LOOKS, "margin=3"]).plan.runs == summary.plan.runs
    assert seeds_of(recall(str(small), home, ["seeds=4"]).plan) == dict.fromkeys(ARMS, 4)
    with pytest.raises(NothingRecorded, match="small: seeds were added otherwise than asked here"):
        recall(str(small), home, ["seeds={looks: [3, 6]}"])


cells = st.tuples(st.sampled_from([*ARMS, "nobody"]), st.sampled_from(["lenet5", "mlp"]))


@pytest.fixture(scope="module")
def two_models():
    tree = {"name": "a", "factors": {"dropout": {}, "weight_decay": {}}, "models": ["lenet5", "mlp"]}
    return make_plan(Spec.model_validate({**tree, "seeds": {"looks": [3, 5, 8]}}))


@given(asked=st.dictionaries(cells, st.integers(0, 20)))
def test_arms_get_no_fewer_seeds_no_more_than_all_and_controls_as_many_as_any(two_models, asked):
    counts = grown(two_models, asked)
    assert counts.keys() == two_models.counts.keys()
    for model in ("lenet5", "mlp"):
        arms = [counts[arm, model] for arm in ("dropout", "weight_decay")]
        assert arms == [min(8, max(3, asked.get((arm, model), 0))) for arm in ("dropout", "weight_decay")]
        assert counts["baseline", model] == counts["sham", model] == max(arms)
    assert grown(replace(two_models, counts=counts), {}) == counts


def test_the_outlook_tells_the_runs_of_the_look_and_what_may_follow(plan, home, carry_out):
    records = Records(home)
    found = outlook(as_recorded(plan, records, dropout_goes_on()), records)
    assert (found.runs, len(found.missing), len(found.later)) == (12, 12, 20)
    shown = as_data(found)
    assert (shown["runs"], shown["done"], shown["most_runs"], shown["looks"]) == (12, 0, 32, [3, 5, 8])
    summary, _ = carry_out(plan, dropout_goes_on())
    for run in summary.plan.runs[-3:]:
        (home.records / f"{run.fingerprint}.1.json").unlink()
    found = outlook(as_recorded(plan, records, dropout_goes_on()), records)
    assert (found.runs, len(found.missing), len(found.later), found.most) == (29, 3, 0, 29)


def test_in_the_middle_the_arms_that_stopped_are_not_in_the_outlook(plan, home, carry_out):
    records = Records(home)
    carry_out(plan, Script({3: {"dropout": 5}}))
    (home.records / f"{plan.runs[0].fingerprint}.1.json").rename(home.root / "kept")
    assert len(outlook(as_recorded(plan, records, dropout_goes_on()), records).missing) == 1  # the first look again
    (home.root / "kept").rename(home.records / f"{plan.runs[0].fingerprint}.1.json")
    found = outlook(as_recorded(plan, records, Script({3: {"dropout": 5}, 5: {"dropout": 8}})), records)
    assert (found.runs, len(found.done), len(found.missing), len(found.later)) == (27, 18, 9, 0)


def test_the_outlook_of_a_two_stage_rule_names_its_width(small, home):
    plan = make_plan(load_spec(small, ["seeds={stein: 3, most: 9}", "margin=2"]))
    shown = as_data(outlook(plan, Records(home)))
    assert (shown["runs"], shown["most_runs"]) == (12, 36)
    assert shown["stein"] == {"stein": 3, "half_width": 2.0, "most": 9}


def test_the_outlook_before_a_search_counts_what_comes_after_it(small, home):
    search = "tune={search: {optimizer.lr: [0.01, 0.1]}, trials: 2, seeds: 1}"
    plan = as_recorded(make_plan(load_spec(small, [LOOKS, search])), Records(home), dropout_goes_on())
    found = outlook(plan, Records(home))
    assert (found.runs, len(found.later), found.most) == (6 + 12, 20, 6 + 32)
