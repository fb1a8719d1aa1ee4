"""Every test starts alike: one thread, deterministic kernels, repeatable examples, a home of its own."""

import itertools
import os

import hypothesis
import pytest
import torch

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=25, database=None)
hypothesis.settings.load_profile("repeatable")


homes = itertools.count()


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """Whoever writes there makes it: a folder for each of so many tests takes longer than most of them."""
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(homes))
    monkeypatch.setenv("ABLATE_HOME", str(home))
    return home


@pytest.fixture
def as_it_comes():
    """Lets torch run what it has no deterministic kernel for."""
    torch.use_deterministic_algorithms(False)
    yield
    torch.use_deterministic_algorithms(True)


@pytest.fixture(autouse=True)
def settled_randomness():
    """torch's global generator starts alike in every test, in whatever order they run."""
    torch.default_generator.manual_seed(0)  # torch.manual_seed() notes down who asked, for each kind of device
