"""MLflow's UI over a recorded home, for the tests and for the pictures of docs/mlflow.md."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress

ABLATE = [sys.executable, "-m", "ablations_cli"]
SPEC = """\
name: tiny
question: Which of two remedies helps a tiny network?
baseline:
  data: {name: digits, train_size: 80, image_size: 32}
  model: {name: "./net.py:Net"}
  optimizer: {name: sgd, lr: 0.05, momentum: 0.9}
  trainer: {epochs: 1, batch_size: 32}
factors:
  dropout: {p: 0.5}
  batchnorm: {}
seeds: 3
margin: 1.0
"""
NETWORK = """\
from torch import nn

class Net(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten())
        self.head = nn.Sequential(nn.Linear(196, 16), nn.ReLU(), nn.Linear(16, num_classes))

    def forward(self, images):
        if len(images) == 16 and any(isinstance(part, nn.BatchNorm2d) for part in self.modules()):
            raise ValueError("the last batch has 16 images; a mean over so few is no mean")
        return self.head(self.features(images))
"""
"""It fails under one arm: 80 images are two batches of 32, and one of 16."""


def record_tiny(folder):
    """Runs an ablation in which one arm fails; returns its home."""
    (folder / "tiny.yaml").write_text(SPEC)
    (folder / "net.py").write_text(NETWORK)
    home = folder / "home"
    run = [*ABLATE, "run", "tiny.yaml", "--home", str(home), "--engine", "inline"]
    done = subprocess.run(run, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    return home


@contextmanager
def serving(home):
    """`ablate ui`, as long as it is wanted; gives its address."""
    port = _free_port()
    log = (home / "ui.log").open("w")
    server = subprocess.Popen(
        [*ABLATE, "ui", "--home", str(home), "--port", str(port)], stdout=log, stderr=log, start_new_session=True
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", server)
        yield f"http://127.0.0.1:{port}/"
    finally:
        _end(server)
        log.close()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address, server, patience=120):
    until = time.monotonic() + patience
    while server.poll() is None and time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.2)
    raise AssertionError(f"the UI does not answer at {address}")


def _end(server):
    """The server and its workers, which are a group of processes of their own."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(server.pid, kind)
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=10)


class Review:
    """A person at MLflow's UI, in a browser's tab."""

    def __init__(self, tab, address):
        self.tab, self.address = tab, address
        tab.set_default_timeout(60_000)
        # Of its two halves the UI remembers that for training; its assistant does not open by itself.
        tab.add_init_script(
            """if (self.origin !== "null") {
              localStorage.setItem("mlflow.workflowType_v1", '"machine_learning"');
              localStorage.setItem("mlflow.assistant.panelOpen_v1", "false");
              localStorage.setItem("mlflow.assistant.fab.autoOpenedOnFirstLoad_v1", "true");
            }"""
        )

    def open(self, experiment):
        """The experiment's runs."""
        self.tab.goto(self.address + "#/experiments")
        self.tab.locator("[data-testid=experiment-list-item-link]").get_by_text(experiment, exact=True).click()
        self.tab.get_by_text("matching runs").wait_for()

    def read_note(self):
        """Unfolds the experiment's note."""
        self.tab.locator("[data-component-id='mlflow.experiment.metadata_editor.expand_button']").click()
        self.tab.get_by_role("link", name="Runs by arm", exact=True).wait_for()

    def follow(self, link):
        """A link of the note, which opens in a tab of its own; returns that tab."""
        with self.tab.context.expect_page() as opened:
            self.tab.get_by_role("link", name=link, exact=True).click()
        opened.value.set_default_timeout(60_000)
        return opened.value

    def failed_runs_of(self, arm, instead_of):
        """The tab of runs by arm with those that failed alone, an arm's own unfolded; another arm, which has none, is
        waited for until it is gone."""
        tab, other = self.follow("Runs by arm"), f"Group: {instead_of}"
        tab.get_by_text(other).wait_for()
        search(tab, "tags.status = 'failed'")
        tab.get_by_text(other).wait_for(state="detached")
        unfold(tab, arm)
        return tab


def search(tab, words):
    """Leaves only the runs in a table or a chart for which that holds."""
    tab.get_by_placeholder("metrics.rmse").fill(words)
    tab.keyboard.press("Enter")


def unfold(tab, arm):
    """Shows the runs of one arm."""
    tab.locator(f".ag-row[row-id='tag.arm.{arm}'] .anticon").first.click()
