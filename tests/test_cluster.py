"""Several machines, as docs/cluster.md has it: its own commands, servers and all, with folders that share nothing."""

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import pytest
from mlflow.tracking import MlflowClient

from tests.postgres import PASSWORD
from tests.postgres import server as server

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SPEC = """\
name: small
question: Does it work on several machines?
baseline:
  data: {name: digits, train_size: 200, label_noise: 0.2, image_size: 32}
  optimizer: {name: sgd, lr: 0.02, momentum: 0.9}
  trainer: {epochs: 10, batch_size: 20}
factors:
  dropout: {p: 0.5}
seeds: 3
"""
PLAIN = {key: value for key, value in os.environ.items() if not key.startswith(("ABLATE_", "MLFLOW_", "PG"))}
"""The environment, as a user has it who has set nothing up."""


def said(step):
    """The commands under a heading of the page, without remarks on who gives them."""
    (section,) = re.findall(rf"^## {step}\..*?(?=^## |\Z)", (DOCS / "cluster.md").read_text(), re.M | re.S)
    return [
        block.replace("sudo -u postgres ", "") for block in re.findall(r"^```bash\n(.*?)^```", section, re.M | re.S)
    ]


class Cluster:
    """A folder in which the commands of the page are given, on ports of its own."""

    def __init__(self, folder, postgres):
        self.folder, self.postgres = folder, postgres
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def uri(self):
        return f"http://127.0.0.1:{self.port}"

    def adapted(self, text):
        return text.replace(":5432", f":{self.postgres.port}").replace("5000", str(self.port))

    def shell(self, text, given=PLAIN, **options):
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**given, "PATH": path, "PYTHONWARNINGS": "ignore"}
        command = ["bash", "-e", "-c", self.adapted(text)]
        return subprocess.Popen(command, cwd=self.folder, env=environment, text=True, **options)

    def follow(self, text, given=PLAIN):
        process = self.shell(text, given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, _ = process.communicate(timeout=240)
        assert process.returncode == 0, output

    def ablate(self, words, home):
        """A command on a machine of its own: another output folder."""
        return self.machine(f"{said(4)[0].splitlines()[0]}; exec ablate {words} --home {home}", home)

    def slurm(self, home):
        """What a job of the array does, with what SLURM tells it of itself."""
        told = {"JOB_ID": 7, "TMPDIR": self.folder / home, "NTASKS": 8, "JOB_NAME": "ablate-worker"}
        tell = "; ".join(f"export SLURM_{name}={value}" for name, value in told.items())
        (self.folder / ".venv").symlink_to(sys.prefix)
        return self.machine(f"{tell}; exec bash {DOCS / 'slurm' / 'worker.sbatch'}", home)

    def machine(self, text, home):
        """What it says is in a file."""
        return self.shell(f"export ABLATE_LEASE=10; exec > {home}.out 2>&1; {text}", start_new_session=True)

    def output(self, home):
        path = self.folder / f"{home}.out"
        return path.read_text() if path.exists() else ""

    def secrets(self):
        found = {path.read_text().strip() for path in self.folder.glob("*.secret")}
        assert len(found) == 4
        return found

    def client(self, monkeypatch, user="lab"):
        monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", user)
        monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", (self.folder / f"{user}.secret").read_text().strip())
        return MlflowClient(tracking_uri=self.uri)


@pytest.fixture(scope="module")
def cluster(server, tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), server)
    (cluster.folder / "small.yaml").write_text(SPEC)
    admin = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "tester", "PGPASSWORD": PASSWORD}
    for text in said(1):
        cluster.follow(text, PLAIN | admin | {"PGDATABASE": "postgres"})
    settings, start, users = said(2)
    cluster.follow(settings)
    tracker = cluster.shell("exec bash server.sh > server.log 2>&1", start_new_session=True)
    try:
        for text in [start.splitlines()[1], users, *said(3)]:
            cluster.follow(text)
        yield cluster
    finally:
        os.killpg(tracker.pid, signal.SIGKILL)
        tracker.wait()


def wait_until(happened, process):
    until = time.monotonic() + 240
    while not happened():
        assert process.poll() is None, process.args
        assert time.monotonic() < until
        time.sleep(0.05)


def records(folder):
    return [json.loads(path.read_text()) for path in (folder / "studies" / "records").glob("[!.]*.json")]


def results(home):
    """Everything of runs.csv that is not a name or a clock."""
    with (home / "reports" / "small" / "runs.csv").open() as file:
        return [{key: row[key] for key in row if key not in ("run_id", "seconds")} for row in csv.DictReader(file)]


def files_with(secrets, folder):
    for path in folder.rglob("*"):
        if path.is_file() and any(secret.encode() in path.read_bytes() for secret in secrets):
            yield path


@pytest.fixture(scope="module")
def shared_out(cluster):
    """What is left of an ablation that a leader and two workers carried out, of whom one was killed in a run."""
    leader = cluster.ablate("run small.yaml --workers 1", "leader")
    killed = cluster.ablate("worker --workers 1 --patience 300", "killed")
    other = cluster.slurm("other")
    wait_until(lambda: "finished" in cluster.output("killed"), killed)
    killed.kill()
    killed.wait()
    assert leader.wait(400) == 0, cluster.output("leader")
    wait_until(lambda: "it has ended" in cluster.output("other"), other)
    other.terminate()
    assert other.wait(60) == 130, cluster.output("other")
    return cluster


@pytest.mark.slow
def test_who_has_no_password_is_refused(cluster):
    with pytest.raises(HTTPError, match="401"):
        urlopen(f"{cluster.uri}/api/2.0/mlflow/experiments/search?max_results=1")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://ablate:wrong@127.0.0.1:{cluster.postgres.port}/ablations")


@pytest.mark.slow
def test_a_run_shared_with_a_worker_that_was_killed_has_the_table_of_one_machine(shared_out):
    alone = shared_out.folder / "alone"
    command = [sys.executable, "-W", "ignore", ROOT / "ablations_cli.py", "run", "small.yaml", "--home", alone]
    subprocess.run(command, cwd=shared_out.folder, env=PLAIN, check=True, capture_output=True)
    assert results(shared_out.folder / "leader") == results(alone)
    assert len(results(shared_out.folder / "leader")) == 9


@pytest.mark.slow
def test_every_run_was_done_once_and_by_several(shared_out):
    found = records(shared_out.folder / "leader")
    done = [record for record in found if record["status"] == "finished"]
    assert len({record["fingerprint"] for record in done}) == len(done) == 9
    assert len({record["member"] for record in done}) >= 2
    assert {record["status"] for record in found} <= {"finished", "lost"}


@pytest.mark.slow
def test_all_runs_are_in_mlflow_once_with_their_report(shared_out, monkeypatch):
    client = shared_out.client(monkeypatch)
    found = client.search_runs([client.get_experiment_by_name("small").experiment_id])
    (parent,) = [run for run in found if run.data.tags["role"] == "ablation"]
    ended = [run for run in found if run.data.tags["role"] == "run" and run.info.status == "FINISHED"]
    assert len({run.data.tags["fingerprint"] for run in ended}) == len(ended) == 9
    assert parent.info.status == "FINISHED"
    assert "report/index.html" in {one.path for one in client.list_artifacts(parent.info.run_id, "report")}


@pytest.mark.slow
def test_nobody_finds_a_password_in_what_was_left(shared_out, monkeypatch):
    folder, secrets = shared_out.folder, shared_out.secrets()
    told = {f"{name}.secret" for name in ("database", "admin", "lab", "flask")} | {"pgpass", "cluster.env"}
    assert {path.name for path in files_with(secrets, folder)} == told
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir() if path.name in told)
    client = shared_out.client(monkeypatch, "admin")
    for experiment in client.search_experiments():
        shown = str(
            [experiment.to_proto(), *(run.to_dictionary() for run in client.search_runs([experiment.experiment_id]))]
        )
        assert not [secret for secret in secrets if secret in shown]
    tables = subprocess.run(
        ["pg_dump", "ablations"], env=PLAIN | {"PGPASSFILE": str(folder / "pgpass"), "PGHOST": "127.0.0.1", "PGUSER": "ablate", "PGPORT": str(shared_out.postgres.port)},
        capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    assert "fingerprint" in tables
    assert not [secret for secret in secrets if secret in tables]


def test_the_scripts_for_slurm_are_sound():
    for path in (DOCS / "slurm").glob("*.sbatch"):
        subprocess.run(["bash", "-n", path], check=True)
        assert ".venv/bin/ablate worker" in path.read_text()
