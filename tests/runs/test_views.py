from ablations import load_spec
from runs import make_plan
from runs.execute import Summary
from runs.records import make_record
from runs.views import missing_in_words


def test_a_plan_shows_every_arm_with_its_proved_difference(plan):
    text = [[cell.text for cell in row] for row in plan.view.rows]
    assert plan.view.sentences == ("4 arms, 2 seeds: 8 runs.",)
    assert text[0] == ["baseline", "61,706", "(the baseline itself)"]
    assert text[1][0] == "dropout"
    assert "+2 Dropout modules" in text[1][2]


def test_a_plan_of_several_architectures_says_which(small):
    plan = make_plan(load_spec(small, ["models=[lenet5, mlp]"]))
    assert [column.heading for column in plan.view.columns][:2] == ["Arm", "Model"]
    assert {row[1].text for row in plan.view.rows} == {"lenet5", "mlp"}


def test_what_the_baseline_of_a_full_set_carries_is_said(small):
    plan = make_plan(load_spec(small, ["design=leave_one_out"]))
    assert plan.view.rows[0][2].text == "(the baseline itself, with dropout, weight_decay)"


def test_a_plan_with_a_search_counts_its_runs_as_well(small):
    plan = make_plan(load_spec(small, ["tune={search: {optimizer.lr: [0.01, 0.1]}, trials: 3, seeds: 1}"]))
    assert plan.view.sentences == ("4 arms, 2 seeds: about 17 runs, the search among them.",)


def test_a_summary_counts_how_runs_ended_and_says_why_some_failed(plan):
    first, second, *others = plan.runs
    ended = make_record(first, "small", 1, "diverged", 0.0, metrics={})
    failed = make_record(second, "small", 1, "failed", 0.0, reason="ValueError: <boom>")
    summary = Summary(
        plan, {first.fingerprint: ended}, {second.fingerprint: failed}, [run.fingerprint for run in others]
    )
    assert repr(summary).splitlines()[1] == "8 runs: 1 diverged, 1 failed, 6 missing."
    assert "dropout p=0.5 · seed 0 failed: ValueError: <boom>" in repr(summary)
    assert "&lt;boom&gt;" in summary._repr_html_()
    summary.unshipped = 2
    assert "2 not in MLflow yet" in repr(summary)


def test_missing_runs_are_named_up_to_ten_and_counted(plan, small):
    keys = [run.fingerprint for run in plan.runs]
    ended = make_record(plan.runs[0], "small", 1, "finished", 0.0)
    summary = Summary(plan, {keys[0]: ended}, {}, keys[1:3])
    assert "! missing: dropout p=0.5 · seed 0, weight_decay strength=0.01 · seed 0" in repr(summary)
    summary.missing = keys * 2
    assert missing_in_words(summary).count("·") == 8
    more = make_plan(load_spec(small, ["seeds=5"]))
    assert missing_in_words(Summary(more, missing=list(more.by_fingerprint))).endswith(" and 10 more")


def test_a_run_whose_record_has_vanished_counts_once(plan):
    key = plan.runs[0].fingerprint
    summary = Summary(plan, {key: make_record(plan.runs[0], "small", 1, "finished", 0.0)}, {}, [key])
    assert repr(summary).splitlines()[1] == "1 run: 1 missing."
