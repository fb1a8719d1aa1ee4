"""A small ablation that trains in seconds."""

import pytest

from ablations import load_spec
from runs import Home, make_plan

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


@pytest.fixture
def home(own_home):
    home = Home.at()
    home.prepare()
    return home
