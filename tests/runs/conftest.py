"""A small ablation that trains in seconds."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from mlflow.tracking import MlflowClient

from ablations import load_spec
from runs import Home, make_plan
from runs.campaign import taking_part
from runs.places import prepare
from tests.postgres import database as database
from tests.postgres import server as server

SMALL = """\
name: small
question: Does it work?
baseline:
  data: {name: digits, train_size: 40, label_noise: 0.2, image_size: 32}
  optimizer: {name: sgd, lr: 0.02, momentum: 0.9}
  trainer: {epochs: 2, batch_size: 20}
factors:
  dropout: {p: 0.5}
  weight_decay: {strength: 0.01}
seeds: 2
"""


@pytest.fixture
def small(tmp_path):
    """The path of a spec with 4 arms and 2 seeds."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def plan(small):
    return make_plan(load_spec(small))


@pytest.fixture(scope="session")
def empty_tracker(tmp_path_factory):
    """A new database of MLflow's, to be copied: making one takes seconds."""
    path = tmp_path_factory.mktemp("tracker") / "mlflow.db"
    prepare(f"sqlite:///{path}")
    MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def home(own_home, empty_tracker):
    """An output folder that has a database of MLflow's, which nobody has to make."""
    home = Home.at()
    home.prepare()
    shutil.copy(empty_tracker, home.root / "mlflow.db")
    return home


@pytest.fixture
def part(plan, home):
    """The part of a command that leads the small ablation's campaign."""
    with taking_part(plan, home) as part:
        part.write(plan)
        yield part
