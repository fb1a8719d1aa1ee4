import pytest

from ablations import SpecError, load_spec
from runs import make_plan, write_json
from runs.recall import NothingRecorded, is_name, recall
from runs.written import plan_as_data


@pytest.fixture
def recorded(plan, home):
    """The plan of `small`, as if it had been carried out."""
    write_json(home.plan("small"), plan_as_data(plan))
    return plan


def cells(plan):
    return [(planned.cell, planned.parameters) for planned in plan.arms]


def test_a_plan_is_recalled_by_its_name_its_file_and_its_spec(recorded, home, small):
    for source in ("small", small, str(small), load_spec(small)):
        plan, note = recall(source, home)
        assert plan.spec == recorded.spec
        assert list(plan.by_fingerprint) == list(recorded.by_fingerprint)
        assert cells(plan) == cells(recorded)
        assert not note


def test_a_file_that_has_changed_since_is_about_the_runs_of_then(recorded, home, small):
    small.write_text(small.read_text().replace("seeds: 2", "seeds: 3"))
    plan, note = recall(small, home)
    assert plan.spec.seeds == (0, 1)
    assert note == "small was last run with other settings; this is about the runs planned then."


def test_a_spec_and_overrides_ask_for_other_runs(recorded, home, small):
    for plan, note in (
        recall(load_spec(small, ["seeds=3", "margin=2"]), home),
        recall(small, home, ["seeds=3", "margin=2"]),
    ):
        assert not note
        assert (plan.spec.margin, len(plan.runs)) == (2, 12)
        assert {run.fingerprint for run in recorded.runs} < {run.fingerprint for run in plan.runs}
        assert cells(plan) == cells(recorded)


def test_what_was_never_run_says_what_comes_first(home, small):
    with pytest.raises(
        NothingRecorded, match=r"small: nothing is recorded in .*; `ablate run .*small.yaml` comes first"
    ):
        recall(small, home)
    with pytest.raises(NothingRecorded, match="running it comes first"):
        recall(load_spec(small), home)
    with pytest.raises(SpecError, match="no shipped spec of that name"):
        recall("smal", home)


def test_settings_that_were_searched_otherwise_are_not_passed_off_as_those_asked_for(recorded, home, small):
    tune = "tune={search: {optimizer.lr: [0.01, 0.1]}, trials: 2, seeds: 1}"
    for source, overrides in ((small, [tune]), (load_spec(small, [tune]), [])):
        with pytest.raises(NothingRecorded, match="settings were searched otherwise than asked here"):
            recall(source, home, overrides)


def test_a_plan_that_is_still_searched_stays_so(home, small):
    searching = load_spec(small, ["tune={search: {optimizer.lr: [0.01, 0.1]}, trials: 2, seeds: 1}"])
    write_json(home.plan("small"), plan_as_data(make_plan(searching)))
    assert recall("small", home).plan.searching
    other = load_spec(small, ["tune={search: {optimizer.lr: [0.01, 0.1]}, trials: 2, seeds: 1}", "margin=3"])
    assert recall(other, home).plan.searching


@pytest.mark.parametrize(("text", "fits"), [("my-runs_2", True), ("../x", False), ("", False), ("a b", False)])
def test_a_name_can_be_that_of_a_folder(text, fits):
    assert is_name(text) is fits
