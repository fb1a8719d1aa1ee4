"""The whole thing as a user would try it: commands in a process of their own, killed and started again."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from ablations_cli import main
from runs import Home
from runs.shared import open_shared

ROOT = Path(__file__).parent.parent
SMALL = """\
name: small
question: Does it work?
baseline:
  data: {name: digits, train_size: 40, label_noise: 0.2, image_size: 32}
  optimizer: {name: sgd, lr: 0.02, momentum: 0.9}
  trainer: {epochs: 3, batch_size: 20}
factors:
  dropout: {p: 0.5}
  init: [{scheme: he_normal}, {scheme: zeros}]
claims:
  - {arm: init zeros, measure: test_accuracy, direction: lower, source: somebody}
seeds: 3
"""
COLUMNS = (
    "run_id,fingerprint,arm,factor,level,model,seed,status,train_accuracy,train_accuracy_clean,val_accuracy,"
    "test_accuracy,gap,test_loss,epochs,seconds,parameters,macs"
)
EFFECTS = (
    "model,arm,n,baseline_accuracy,test_accuracy,effect,low,high,verdict,gap_baseline,gap,gap_effect,gap_low,gap_high,"
    "gap_verdict,summary,time_ratio,parameter_ratio"
)
FILES = {
    "index.html", "summary.json", "table.csv", "table.md", "table.tex", "references.bib", "effects.csv", "runs.csv",
    "claims.csv",
    *(f"figures/{name}.{kind}" for name in ("forest", "plane", "cost", "curves") for kind in ("svg", "png", "pdf")),
}  # fmt: skip


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return str(path)


def command(*words, **options):
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", str(ROOT / "ablations_cli.py"), *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, **options,
    )  # fmt: skip


def ablate(*words, code=0):
    process = command(*words)
    output, _ = process.communicate(timeout=240)
    assert process.returncode == code, output
    return output


@pytest.fixture
def answer(capsys, monkeypatch):
    """What a command says, carried out in this process: to start another one takes longer than most of them."""
    monkeypatch.setattr(signal, "signal", lambda *told: None)

    def answer(*words, code=0):
        try:
            ended = main(words)
        except SystemExit as refused:  # by the parser
            ended = refused.code
        said = "".join(capsys.readouterr())
        assert ended == code, said
        return said

    return answer


def started(home, runs, *words):
    """A command that is still running when so many runs are recorded."""
    process = command(*words)
    deadline = time.monotonic() + 120
    while len(list((home / "studies" / "records").glob("[!.]*.json"))) < runs:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def workers(home, name="small"):
    """The processes that train, by process id, as they tell of themselves."""
    present = open_shared(Home(home)).present(name)
    return [one.pid for one in present if not one.is_command]


def runs_csv(home, name="small"):
    with (home / "reports" / name / "runs.csv").open() as file:
        return list(csv.DictReader(file))


def results(home, name="small"):
    """Everything of runs.csv that is not a name or a clock."""
    return [
        {key: value for key, value in row.items() if key not in ("run_id", "seconds")} for row in runs_csv(home, name)
    ]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The home of a run that nothing got in the way of, and what it printed."""
    home = tmp_path_factory.mktemp("undisturbed")
    spec = home / "small.yaml"
    spec.write_text(SMALL)
    return home, ablate("run", str(spec), "--home", str(home))


def test_a_run_ends_with_the_table_and_where_the_report_lies(undisturbed):
    home, output = undisturbed
    assert f"Report: {home}/reports/small/index.html" in output
    assert "[12/12]" in output or "[15/15]" in output
    for arm in ("baseline", "dropout", "init he_normal", "init zeros", "sham"):
        assert arm in output


def test_a_report_leaves_the_files_and_columns_that_others_read(undisturbed):
    folder = undisturbed[0] / "reports" / "small"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == FILES
    assert (folder / "runs.csv").read_text().startswith(COLUMNS)
    assert (folder / "effects.csv").read_text().partition("\n")[0] == EFFECTS


def test_every_planned_run_is_there_once_and_mlflow_holds_the_same_numbers(undisturbed):
    home, _ = undisturbed
    rows = runs_csv(home)
    arms = ["baseline", "dropout", "init he_normal", "init zeros", "sham"]
    assert sorted((row["arm"], row["seed"]) for row in rows) == sorted(
        (arm, str(seed)) for arm in arms for seed in range(3)
    )
    assert {row["status"] for row in rows} == {"finished"}
    client = MlflowClient(tracking_uri=f"sqlite:///{home}/mlflow.db")
    experiment = client.get_experiment_by_name("small")
    children = client.search_runs([experiment.experiment_id], "tags.role = 'run'")
    assert {run.info.status for run in children} == {"FINISHED"}
    held = {run.info.run_id: run.data for run in children}
    assert held.keys() == {row["run_id"] for row in rows}
    for row in rows:
        for measure in ("train_accuracy", "val_accuracy", "test_accuracy", "gap", "test_loss", "seconds", "epochs"):
            assert float(row[measure]) == held[row["run_id"]].metrics[measure]
        assert held[row["run_id"]].tags["arm"] == row["arm"]
    (parent,) = client.search_runs([experiment.experiment_id], "tags.role = 'ablation'")
    assert parent.info.status == "FINISHED"
    assert "| baseline |" in experiment.tags["mlflow.note.content"]


def test_running_again_retrains_nothing_and_says_the_same(undisturbed):
    home, _ = undisturbed
    before = runs_csv(home)
    output = ablate("run", str(home / "small.yaml"), "--home", str(home))
    assert "15 recorded, 0 to train" in output
    assert runs_csv(home) == before


def test_status_and_plan_and_report_tell_what_is_recorded(undisturbed, answer):
    home, _ = undisturbed
    spec = str(home / "small.yaml")
    status = json.loads(answer("status", spec, "--json", "--home", str(home)))
    assert (status["runs"], status["finished"], status["missing"], status["failures"]) == (15, 15, 0, [])
    plan = json.loads(answer("plan", spec, "--json", "--home", str(home)))
    assert (plan["name"], plan["runs"], plan["done"]) == ("small", 15, 15)
    assert plan["arms"][1] | {"differs": 0} == {
        "arm": "dropout", "factor": "dropout", "level": "p=0.5", "model": "lenet5", "parameters": 61706, "differs": 0,
    }  # fmt: skip
    assert "+2 Dropout modules" in plan["arms"][1]["differs"]
    before = runs_csv(home)
    assert "Report:" in answer("report", spec, "--home", str(home))
    assert runs_csv(home) == before


def test_replay_repeats_a_worker_s_run_bit_for_bit(undisturbed, answer):
    home, _ = undisturbed
    run_id = next(row["run_id"] for row in runs_csv(home) if row["arm"] == "dropout")
    assert "Every metric is equal bit for bit." in answer("replay", run_id, "--home", str(home))


@pytest.mark.slow  # the test before this one compares a run of it, to the bit
def test_the_inline_engine_finds_the_same_numbers(undisturbed, small, own_home):
    ablate("run", small, "--engine", "inline")
    assert results(own_home) == results(undisturbed[0])


@pytest.mark.slow  # the short form of tests/chaos kills all of them
def test_a_killed_worker_loses_nothing(undisturbed, small, own_home):
    process = started(own_home, 2, "run", small, "--workers", "2")
    os.kill(workers(own_home)[0], signal.SIGKILL)
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output
    assert "its worker was killed (SIGKILL)" in output
    assert results(own_home) == results(undisturbed[0])


@pytest.mark.slow  # the short form of tests/chaos kills all of them
def test_a_killed_command_goes_on_where_it_was(undisturbed, small, own_home):
    process = started(own_home, 3, "run", small, "--workers", "2")
    children = workers(own_home)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline, "workers outlive their parent"
        time.sleep(0.05)
    output = ablate("run", small, "--workers", "2")
    assert "small: 15 runs, 0 recorded" not in output
    assert results(own_home) == results(undisturbed[0])
    client = MlflowClient(tracking_uri=f"sqlite:///{own_home}/mlflow.db")
    everything = client.search_runs([client.get_experiment_by_name("small").experiment_id])
    assert "RUNNING" not in {run.info.status for run in everything}


@pytest.mark.slow  # tests/runs/test_search.py has it in this process
def test_a_search_is_planned_killed_gone_on_with_and_told_in_the_report(small, own_home, tmp_path):
    words = [small, "tune={search: {optimizer.lr: [0.01, 0.1], dropout.p: {low: 0.1, high: 0.7}}, trials: 3, seeds: 1}"]
    words += ["baseline.trainer.epochs=1", "seeds=1"]
    total = 4 * 3 + 5  # every arm but the sham is searched
    planned = json.loads(ablate("plan", *words, "--json"))
    assert (planned["runs"], planned["done"], planned["search"]["searches"]) == (total, 0, 4)
    process = started(own_home, 5, "run", *words, "--workers", "2")
    process.kill()
    process.communicate()
    for asked in (["small"], [*words, "margin=2"]):
        assert re.search(
            "settings are still searched; `ablate run .*` goes on with it", ablate("report", *asked, code=2)
        )
    output = ablate("run", *words, "--workers", "2")
    # An arm may be a round ahead of the others, and a setting that is asked for again needs no round.
    assert re.search(r"searching: round [23] of 3", output)
    assert "searching: round 1 of 3" not in output
    found = json.loads(ablate("status", "small", "--json"))
    assert (found["runs"], found["finished"], found["missing"]) == (found["finished"], found["finished"], 0)
    page = (own_home / "reports" / "small" / "index.html").read_text()
    assert "dropout.p, on validation accuracy alone; 3 trials x 1 seed (" in page
    assert "Chosen settings" in page
    assert json.loads(ablate("plan", *words, "--json"))["done"] == found["runs"]
    assert "settings were searched otherwise than asked here" in ablate("report", *words, "tune.trials=5", code=2)


@pytest.mark.slow  # tests/runs/test_stages.py has it in this process
def test_looks_are_planned_killed_within_and_gone_on_with(small, own_home, tmp_path):
    words = [small, "seeds={looks: [3, 4]}", "baseline.trainer.epochs=1"]
    planned = json.loads(ablate("plan", *words, "--json"))
    assert (planned["runs"], planned["most_runs"], planned["looks"]) == (15, 20, [3, 4])
    for recorded in (4, 16):  # within the first look, within the second
        process = started(own_home, recorded, "run", *words, "--workers", "2")
        process.kill()
        process.communicate()
    output = ablate("run", *words, "--workers", "2")
    assert "look 1 of 2" not in output
    assert "Seeds: looks at 3 and 4 seeds" in output
    undisturbed = tmp_path / "undisturbed"
    output = ablate("run", *words, "--engine", "inline", "--home", str(undisturbed))
    assert re.search("look 1 of 2: all arms, 3 seeds each\n.*look 2 of 2: [123] arms? go", output, re.DOTALL)
    assert results(own_home) == results(undisturbed)
    assert {row["status"] for row in runs_csv(own_home)} == {"finished"}
    found = json.loads(ablate("status", "small", "--json"))
    assert 15 < found["runs"] == found["finished"] == len(runs_csv(own_home)) <= 20


@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_interruption_keeps_what_has_ended(how, small, own_home):
    process = started(own_home, 1, "run", small, "--workers", "1", "baseline.trainer.epochs=30")
    os.killpg(process.pid, how) if how == signal.SIGINT else process.send_signal(how)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert "Interrupted. What has ended is kept" in output
    assert "Traceback" not in output
    status = json.loads(ablate("status", small, "--json").partition("\n")[2])
    assert status["finished"] >= 1
    assert status["running"] == 0


def test_a_worker_that_finds_nothing_running_says_so_and_leaves(own_home):
    assert ablate("worker", "--patience", "0") == "No ablation is running, for 0 s; 0 runs ended here.\n"
    assert ablate("worker", "other", "--patience", "0").startswith("other is not running, for 0 s;")


def test_nobody_is_left_to_carry_out_runs_only_where_others_can_join(small, own_home):
    assert "workers=0 leaves all runs to `ablate worker`" in ablate(
        "run", small, "--workers", "0", "--engine", "inline", code=2
    )
    assert "must be a whole number of at least 1, not '0'" in ablate("plan", small, "--workers", "0", code=2)


@pytest.mark.slow
def test_a_second_terminal_works_for_what_a_first_one_leads(small, own_home, undisturbed):
    worker = command("worker", "--workers", "2", "--patience", "300")
    ablate("run", small, "--workers", "0")
    worker.send_signal(signal.SIGTERM)
    output, _ = worker.communicate(timeout=60)
    assert worker.returncode == 130, output
    assert output.startswith("small: joined with 2 workers\n")
    assert "Traceback" not in output
    assert results(own_home) == results(undisturbed[0])


SULKING = """\
from torch import nn

class Net(nn.Sequential):
    def __init__(self, classes):
        super().__init__(nn.Flatten(), nn.Linear(1024, 16), nn.ReLU(), nn.Linear(16, classes))

    def forward(self, x):
        if self.training:
            raise RuntimeError("not today")
        return super().forward(x)
"""
"""A network of somebody's own that can be built and evaluated, and fails when it is trained."""


def test_failed_runs_are_told_at_once_and_in_the_end(small, own_home, tmp_path):
    (tmp_path / "net.py").write_text(SULKING)
    sulking = ("baseline.model.name=./net.py:Net", "seeds=1")
    output = ablate("run", small, *sulking, code=1)
    assert "failed: baseline · seed 0: RuntimeError: not today" in output
    assert "5 of 5 runs failed" in output
    assert {row["status"] for row in runs_csv(own_home)} == {"failed"}
    status = json.loads(ablate("status", small, *sulking, "--json"))
    assert status["failed"] == 5
    assert "not today" in status["failures"][0]["reason"]


UNSEEN = """\
from torch import nn
from torch.nn import functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.answers = nn.Linear(1024, 8), nn.Linear(8, 10)

    def forward(self, x):
        x = F.relu(self.fc(x.flatten(1))) if x.sum() > 0 else F.relu(-self.fc(x.flatten(1)))
        return self.answers(x)
"""
BAD = {
    "unknown spec": (["run", "remedes"], "did you mean remedies"),
    "unknown name": (["list", "weigt_decay"], "did you mean weight_decay"),
    "seeds": (["run", "SPEC", "seeds=0"], "there must be at least 1 seed"),
    "no effect": (
        ["run", "SPEC", "baseline.model.name=cifar_resnet20", "factors={batchnorm: {}}", "claims=[]"],
        "changes nothing here",
    ),
    "a pair that cannot be": (
        ["plan", "SPEC", "design=pairwise", "factors={batchnorm: {}, layernorm: {}}", "claims=[]"],
        "arm 'batchnorm + layernorm': BatchNorm(",
    ),
    "a factorial without end": (
        [
            "run",
            "SPEC",
            "design=factorial",
            "factors.dropout=[{p: 0.1}, {p: 0.2}, {p: 0.3}, {p: 0.4}]",
            "factors.width=[{multiplier: 2}, {multiplier: 3}, {multiplier: 4}, {multiplier: 5}]",
            "factors.weight_decay=[{strength: 0.1}, {strength: 0.2}, {strength: 0.3}, {strength: 0.4}]",
            "claims=[]",
        ],
        "a factorial of these 4 factors has 375 arms, and 256 are the most; pairwise has",
    ),
    "functional calls that cannot be seen": (
        ["plan", "SPEC", "baseline.model.name=./net.py:Net", "factors={activation: {name: tanh}}", "claims=[]"],
        "2 functional relu calls",
    ),
    "a model that is not there": (["plan", "SPEC", "baseline.model.name=./absent.py:Net"], "there is no file"),
    "images that are not there": (
        ["plan", "SPEC", "baseline.data={name: folder, path: ./absent}"],
        "absent",
    ),
    "never run": (["report", "SPEC"], "nothing is recorded"),
    "replay of nothing": (["replay", "nothing"], "no such run"),
    "runs that are not there": (["report", "mine", "--runs", "absent.csv"], "absent.csv: cannot be read"),
    "report with a path": (["report", "../x", "--runs", "absent.csv"], "a report's name is made of letters"),
    "report with a line break": (
        ["report", "a\nb", "--runs", "absent.csv"],
        "'a\\nb': a report's name is made of letters",
    ),
    "report with too long a name": (["report", "a" * 65, "--runs", "absent.csv"], "64 at most"),
    "report with an unknown override": (["report", "mine", "sedes=3", "--runs", "absent.csv"], "did you mean seeds?"),
}


def assert_one_line_with(message, output):
    assert message in output
    assert output.startswith("ablate: ")
    assert output.count("\n") == 1


@pytest.mark.parametrize(("words", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_one_line_and_exit_code_2(words, message, small, tmp_path, answer):
    (tmp_path / "net.py").write_text(UNSEEN)
    output = answer(*(small if word == "SPEC" else word for word in words), code=2)
    assert_one_line_with(message, output)


def test_a_process_tells_of_bad_input_as_well(small):
    words, message = BAD["no effect"]
    output = ablate(*(small if word == "SPEC" else word for word in words), code=2)
    assert_one_line_with(message, output)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(small, tmp_path, answer):
    tmp_path.chmod(0o500)
    assert "cannot be written" in answer("run", small, "--home", str(tmp_path / "x"), code=2)


def test_a_file_in_the_place_of_the_folder_is_named(small, tmp_path, answer):
    (tmp_path / "taken").write_text("")
    assert "name another folder with --home" in answer("run", small, "--home", str(tmp_path / "taken"), code=2)


def test_anybodys_runs_are_analysed(tmp_path, own_home, answer):
    lines = ["arm,seed,test_accuracy"]
    lines += [
        f"{arm},{seed},{base + 1.3 * seed % 2}" for arm, base in [("baseline", 70), ("mine", 75)] for seed in range(5)
    ]
    lines[-1] = "mine,4,76.9"
    path = tmp_path / "theirs.csv"
    path.write_text("\n".join(lines))
    output = answer("report", "theirs", "--runs", str(path), "margin=0.5", "question=Does mine help?")
    assert "Mine raised test accuracy by" in output
    assert "0.5 points" in output
    assert "Does mine help?" in (own_home / "reports" / "theirs" / "index.html").read_text()


def read_up_to(lines, *words):
    """The exit code of a command whose reader leaves after so many lines, and what it says of errors."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(ROOT / "ablations_cli.py"), *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for _ in range(lines):
        process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    return process.wait(timeout=240), said


def test_a_report_is_written_whether_or_not_anybody_reads_on(tmp_path, own_home):
    path = tmp_path / "theirs.csv"
    rows = [f"{arm},{seed},{70 + seed % 3}" for arm in ("baseline", "mine") for seed in range(5)]
    path.write_text("\n".join(["arm,seed,test_accuracy", *rows]))
    for lines in (0, 2):
        name = f"theirs{lines}"
        assert read_up_to(lines, "report", name, "--runs", str(path)) == (0, "")
        assert {"index.html", "runs.csv"} <= {file.name for file in (own_home / "reports" / name).iterdir()}


@pytest.mark.slow  # the test before this one has it of reports
def test_runs_go_on_whether_or_not_anybody_reads_on(small, own_home):
    code, _ = read_up_to(1, "run", small, "--engine", "inline", "seeds=2")
    assert code == 0
    assert [row["status"] for row in runs_csv(own_home)] == ["finished"] * 10


def test_list_says_what_there_is():
    listed = json.loads(ablate("list", "--json"))
    assert "remedies" in [one["name"] for one in listed["ablations"]]
    lenet = next(one for one in listed["models"] if one["name"] == "lenet5")
    assert (lenet["parameters"], lenet["macs"], lenet["classes"], lenet["image_size"]) == (61706, 416520, 10, 32)
    assert {"name", "settings", "source", "expect", "pitfall", "cites", "bibtex"} <= listed["factors"][0].keys()
    assert "remedies" in ablate("list")


def test_list_tells_all_that_is_known_of_one_name(answer):
    told = answer("list", "weight_decay")
    assert "What people get wrong" in told
    assert "strength: 0.005" in told
    assert "@inproceedings{krogh1991simple," in told
    assert "design: one_at_a_time" in answer("list", "remedies")
    assert "61,706 parameters" in answer("list", "lenet5")
    both = json.loads(answer("list", "dropout", "--json"))
    assert {kind: len(ones) for kind, ones in both.items()} == {"ablations": 1, "factors": 1, "models": 0}


def test_options_and_overrides_may_stand_in_any_order(small, answer):
    words = ("--seeds", "2", "baseline.trainer.epochs=4", "--json", "margin=2", "--per-gpu", "auto")
    assert json.loads(answer("plan", small, *words))["runs"] == 10
    assert "unrecognized arguments: nonsense" in answer("plan", small, "--seeds", "2", "nonsense", code=2)
    assert "auto or a whole number of at least 1, not 'all'" in answer("plan", small, "--per-gpu", "all", code=2)


def test_help_lists_the_commands():
    output = ablate("--help")
    for name in ("list", "plan", "run", "status", "report", "replay", "ui"):
        assert f"\n    {name} " in output


DATA = """\
import numpy as np

def load(spread):
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 3
    return rng.random((120, 16, 16)) * spread + labels[:, None, None] / 3, labels
"""
OWN = """\
name: own
baseline:
  data: {name: "./data.py:load", arguments: {spread: 0.1}, image_size: 16}
  model: {name: ./net.py:Net, hidden: 12}
  trainer: {epochs: 2, batch_size: 20}
factors:
  dropout: {}
  activation: {name: tanh}
models: ["./net.py:Net", lenet5]
seeds: 1
"""
NET = """\
import torch
from torch import nn
from torch.nn import functional as F

class Net(nn.Module):
    def __init__(self, num_classes, in_channels, hidden):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.fc, self.answers = nn.Linear(256, hidden), nn.Linear(hidden, num_classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.answers(torch.relu(self.fc(x.flatten(1))))
"""


def test_anybodys_model_on_anybodys_images(tmp_path, own_home, answer):
    for name, text in {"data.py": DATA, "net.py": NET, "own.yaml": OWN}.items():
        (tmp_path / name).write_text(text)
    ablate("run", str(tmp_path / "own.yaml"))
    rows = runs_csv(own_home, "own")
    assert {(row["arm"], row["model"]) for row in rows} == {
        (arm, model) for arm in ("baseline", "dropout", "activation", "sham") for model in ("net.py:Net", "lenet5")
    }
    assert {row["status"] for row in rows} == {"finished"}
    output = answer("replay", rows[0]["run_id"])  # from another folder
    assert "Every metric is equal bit for bit." in output
