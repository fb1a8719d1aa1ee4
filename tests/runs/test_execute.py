import errno

import pytest

from ablations import load_spec, shipped_specs
from runs import Unwritable, make_plan, shipping
from runs.campaign import taking_part
from runs.engines.inline import Inline
from runs.events import Ended
from runs.execute import execute
from runs.lock import Busy
from runs.records import Records
from runs.results import collect
from runs.slots import Slot
from runs.tracking import Tracker


@pytest.fixture
def carry_out(home):
    def carry_out(plan, **options):
        heard = []
        engine = options.pop("engine", lambda member: Inline(home, plan.spec.name, [Slot(0)], member))
        summary = execute(plan, home, engine, lambda event, record: heard.append((event, record)), **options)
        return summary, [record for event, record in heard if isinstance(event, Ended)]

    return carry_out


def no_engine(member):
    raise AssertionError("nothing was to be trained")


def numbers(records):
    return {
        key: {name: value for name, value in record["metrics"].items() if name != "seconds"}
        for key, record in records.items()
    }


def break_training(monkeypatch, error, times=1):
    """The first `times` trainings raise; the rest go on as ever."""
    import modules.training

    left, train = [None] * times, modules.training.train

    def breaking(*args):
        if left:
            left.pop()
            raise error
        return train(*args)

    monkeypatch.setattr(modules.training, "train", breaking)


def test_all_planned_runs_are_done_and_tracked_alike(plan, home, carry_out):
    summary, ended = carry_out(plan)
    assert summary.complete
    assert summary.unshipped == 0
    assert [record["fingerprint"] for record in ended] == [run.fingerprint for run in plan.runs]
    results = collect(plan, home)
    assert results.trouble is None
    assert results.records.keys() == plan.by_fingerprint.keys()
    assert numbers(results.records) == numbers(Records(home).newest(plan.by_fingerprint))


def test_doing_it_again_trains_nothing(plan, home, carry_out):
    first, _ = carry_out(plan)
    again, ended = carry_out(plan, engine=no_engine)
    assert again.done == first.done
    assert ended == []


def test_an_interrupted_ablation_goes_on_where_it_was(plan, home, carry_out, monkeypatch):
    undisturbed, _ = carry_out(plan)
    for path in home.records.glob("*.json"):
        path.unlink()
    break_training(monkeypatch, KeyboardInterrupt())
    records = Records(home)
    for record in list(undisturbed.done.values())[:3]:
        records.write(record)
    with pytest.raises(KeyboardInterrupt):
        carry_out(plan)
    summary, ended = carry_out(plan)
    assert len(ended) == len(plan.runs) - 3
    assert numbers(summary.done) == numbers(undisturbed.done)


def test_one_failure_does_not_stop_the_others_and_is_tried_again(plan, home, carry_out, monkeypatch):
    break_training(monkeypatch, ValueError("boom"))
    summary, ended = carry_out(plan)
    (failed,) = summary.failed.values()
    assert failed["reason"] == "ValueError: boom"
    assert "breaking" in failed["traceback"]
    assert len(summary.done) == len(plan.runs) - 1
    assert not summary.complete
    again, ended = carry_out(plan)
    assert again.complete
    assert [record["attempt"] for record in ended] == [2]


def test_fail_fast_stops_at_the_first_failure(plan, home, carry_out, monkeypatch):
    break_training(monkeypatch, ValueError("boom"), times=8)
    summary, ended = carry_out(plan, fail_fast=True)
    assert len(ended) == 1
    assert len(summary.missing) == len(plan.runs) - 1


def test_a_full_disk_stops_with_advice_and_loses_nothing(plan, home, carry_out, monkeypatch):
    write, left = Records.write, [None] * 3

    def filling(self, record):
        if not left:
            raise OSError(errno.ENOSPC, "No space left on device", str(self.folder))
        left.pop()
        return write(self, record)

    monkeypatch.setattr(Records, "write", filling)
    with pytest.raises((OSError, Unwritable), match="No space left"):
        carry_out(plan)
    monkeypatch.setattr(Records, "write", write)
    summary, ended = carry_out(plan)
    assert summary.complete
    assert len(ended) == len(plan.runs) - 3


def test_a_tracker_that_is_down_stops_nothing_and_is_filled_later(plan, home, carry_out, monkeypatch):
    def down(self, record, *args):
        raise ConnectionError("the server is away")

    ship = Tracker.ship
    monkeypatch.setattr(Tracker, "ship", down)
    summary, _ = carry_out(plan)
    assert summary.complete
    assert summary.unshipped == len(plan.runs)
    assert collect(plan, home).trouble == "ConnectionError: the server is away"
    monkeypatch.setattr(Tracker, "ship", ship)
    results = collect(plan, home)
    assert results.trouble is None
    assert len(Tracker(home, "small").read()) == len(plan.runs)


def test_two_ablations_share_a_run_and_the_second_says_so(plan, small, home, carry_out):
    carry_out(plan)
    small.write_text(
        small.read_text().replace("name: small", "name: other").replace("  weight_decay: {strength: 0.01}\n", "")
    )
    other = make_plan(load_spec(small))
    summary, _ = carry_out(other, engine=no_engine)
    assert summary.complete
    results = collect(other, home)
    assert {record["reused_from"] for record in results.records.values()} == {"small"}
    assert numbers(results.records).keys() < numbers(collect(plan, home).records).keys()


def test_who_would_carry_out_something_else_under_that_name_is_refused(plan, small, home, carry_out):
    other = make_plan(load_spec(small, ["seeds=1"]))
    with taking_part(plan, home) as part:
        part.write(plan)
        with pytest.raises(Busy, match="small: another process runs it with other settings"):
            carry_out(other)


def test_who_has_other_code_is_refused(plan, home, carry_out, monkeypatch):
    with taking_part(plan, home) as part:
        part.write(plan)
        monkeypatch.setattr("runs.campaign.version_of", lambda spec: "other")
        with pytest.raises(Busy, match="small: another process runs it with other code"):
            carry_out(plan)


def test_two_at_once_share_the_work_and_repeat_nothing(plan, home, carry_out, monkeypatch):
    """The second joins when the first is half way through, in the middle of its loop. It ends before the first goes on,
    who cannot ship meanwhile, so that it had better not wait for that as long as for one who has died."""
    monkeypatch.setattr(shipping, "LEASE", 0.5)
    ended = []

    def listen(event, record):
        if isinstance(event, Ended) and record is not None:
            ended.append(record)
            if len(ended) == 2:
                other, theirs = carry_out(plan)
                assert other.complete
                assert len([one for one in theirs if one["member"] != ended[0]["member"]]) == len(plan.runs) - 2

    summary = execute(plan, home, lambda member: Inline(home, "small", [Slot(0)], member), listen)
    assert summary.complete
    assert len(ended) == len(plan.runs)
    assert len(list(home.records.glob("*.json"))) == len(plan.runs)
    assert len(Tracker(home, "small").read()) == len(plan.runs)


def test_a_divergence_is_a_result(small, home, carry_out):
    plan = make_plan(load_spec(small, ["baseline.optimizer.lr=1e6", "seeds=1"]))
    summary, _ = carry_out(plan)
    assert summary.complete
    assert {record["status"] for record in summary.done.values()} == {"diverged"}


LARGE = (
    "architecture", "convolution", "depth", "init", "remedies-full", "lecture-3", "lecture-4", "lecture-6-upsampling",
    "lecture-7", "lecture-7-rcnn", "lecture-7-residual",
)  # fmt: skip
"""They train large networks, or very many small ones; `plan` has each of them built anyway."""
OTHERS_HAVE = (
    "augmentation", "batchnorm", "data-size", "dropout", "early-stopping", "model-size", "noise", "optimizer",
    "schedules", "weight-decay", "weight-decay-adam",
)  # fmt: skip
"""Levels of a factor that `remedies` or a lecture switches, too."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in LARGE + OTHERS_HAVE else ()) for name in shipped_specs()],
)
def test_every_shipped_ablation_can_be_carried_out(name, home, carry_out):
    short = ["seeds=1", "baseline.trainer.epochs=1", "baseline.data.train_size=40"]
    search = ["tune.trials=2", "tune.seeds=1"] if load_spec(name).tune else []
    summary, ended = carry_out(make_plan(load_spec(name, [*short, *search])))
    assert summary.complete
    assert len(ended) == len(summary.plan.by_fingerprint) > 0
