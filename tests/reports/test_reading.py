"""Reports of recorded runs, from Python and as the command line writes them."""

import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

import ablations_cli
from ablations import load_spec
from reports import publish_report, read_report
from runs import Home, make_plan, run, write_json
from runs.recall import NothingRecorded
from runs.written import plan_as_data

SETTINGS = [
    "name=tiny", "question=Does it work?", "factors={dropout: {p: 0.5}}", "claims=[]", "seeds=3",
    "baseline.data.train_size=40", "baseline.trainer={epochs: 2, batch_size: 20}",
]  # fmt: skip


@pytest.fixture(scope="module")
def tiny():
    return load_spec("dropout", SETTINGS)


@pytest.fixture(scope="module")
def home(tiny, tmp_path_factory):
    """An output folder in which `tiny` was run."""
    root = tmp_path_factory.mktemp("home")
    assert run(make_plan(tiny), root, engine="inline").complete
    return root


def test_a_report_is_read_by_name_or_by_spec(home, tiny):
    report = read_report("tiny", home)
    assert report.study.question == "Does it work?"
    assert report.runs["status"].tolist() == ["finished"] * 9
    assert {"forest", "curves"} <= report.figures.keys()
    pd.testing.assert_frame_equal(read_report(tiny, home).effects, report.effects)


def test_a_spec_with_more_seeds_shows_which_runs_are_missing(home):
    report = read_report(load_spec("dropout", [*SETTINGS, "seeds=4"]), home)
    assert report.runs["status"].value_counts().to_dict() == {"finished": 9, "missing": 3}
    assert "3 of 12 runs are missing" in repr(report)


def test_the_command_line_writes_what_the_object_saves(home, tmp_path, capsys):
    assert ablations_cli.main(["report", "tiny", "--home", str(home)]) == 0
    assert "Report: " in capsys.readouterr().out
    page = read_report("tiny", home).save(tmp_path / "again")
    written = Home.at(home).report("tiny")
    names = {path.relative_to(written) for path in written.rglob("*") if path.is_file()}
    assert names == {path.relative_to(page.parent) for path in page.parent.rglob("*") if path.is_file()}
    for name in ("runs.csv", "effects.csv", "table.csv", "table.md", "table.tex"):
        assert (written / name).read_bytes() == (page.parent / name).read_bytes()


def test_a_published_report_lies_in_the_folder_and_in_mlflow(home):
    report = read_report("tiny", home)
    page, trouble = publish_report(report, home)
    assert trouble is None
    assert page == Home.at(home).report("tiny") / "index.html"
    client = MlflowClient(tracking_uri=Home.at(home).tracking_uri)
    experiment = client.get_experiment_by_name("tiny")
    assert "| baseline |" in experiment.tags["mlflow.note.content"]
    (parent,) = client.search_runs([experiment.experiment_id], "tags.role = 'ablation'")
    assert "report/index.html" in {file.path for file in client.list_artifacts(parent.info.run_id, "report")}


def test_a_file_that_has_changed_since_is_said_aloud(home, tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text("name: tiny\nfactors: {dropout: {p: 0.5}}\n")
    with pytest.warns(UserWarning, match="tiny was last run with other settings"):
        report = read_report(path, home)
    assert len(report.runs) == 9


def test_what_was_never_run_is_a_value_error_in_one_line(own_home):
    with pytest.raises(ValueError, match=r"^dropout: nothing is recorded in .*; `ablate run dropout` comes first$"):
        read_report("dropout")


def test_while_settings_are_searched_there_is_no_report(tiny, own_home):
    searching = load_spec("dropout", [*SETTINGS, "tune={search: {optimizer.lr: [0.01, 0.1]}, trials: 2, seeds: 1}"])
    Home.at().prepare()
    write_json(Home.at().plan("tiny"), plan_as_data(make_plan(searching)))
    with pytest.raises(NothingRecorded, match="settings are still searched; `ablate run tiny` goes on with it"):
        read_report("tiny")
