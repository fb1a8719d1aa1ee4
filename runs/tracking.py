"""MLflow: what the records say, laid out for a person who reviews in its UI. The one file that knows MLflow."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple

import yaml

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
# By default a server that is away is asked for minutes, one that hangs for a quarter of an hour; who ships tries again.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")

from mlflow.entities import Metric, Param, Run, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient
from mlflow.utils.validation import MAX_EXPERIMENT_TAG_VAL_LENGTH, MAX_TAG_VAL_LENGTH

from runs import layout
from runs.campaign import Campaign
from runs.files import sync_all
from runs.home import Home
from runs.layout import CURVE, LONGEST_TAG, NOTE, Measured
from runs.ledger import Ledger
from runs.places import local_folder, prepare, write_all
from runs.plan import Cell, Plan
from runs.plan import Run as PlannedRun
from runs.records import Record, told
from runs.reviewing import VIEW_TAG, Note, arms_view, linked
from runs.shared import Shared

REPORT = "report"
"""The folder of the report, among the parent run's artifacts."""
KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Has the UI open the view of training runs, not that of chats."""
PARENT = "mlflow.parentRunId"
CHILDREN = "tags.role = 'run'"
MOST_METRICS = 1000
"""In one request."""
PAGE = 2500
"""Runs in one answer: each answer sorts all runs anew, and takes up memory."""
FEW = 20
"""Records that are looked up one by one; where there are more, all runs are read."""
OPENING = 120.0
"""Seconds that another may take to open the tracker: to make its database takes some."""


class Tracked(NamedTuple):
    """A run as MLflow holds it."""

    run_id: str
    record_id: str
    scalars: dict[str, float]
    """The final numbers, without the curves."""


class Tracker:
    """One ablation's experiment: a parent run, and one child run per record."""

    def __init__(self, home: Home, name: str):
        prepare(home.tracking_uri)
        self._client = MlflowClient(tracking_uri=home.tracking_uri)
        self.experiment = self._experiment(name, home.artifacts)
        self.parent = self._parent(name)
        self.shipped = Ledger(home.ledger(name), self.parent)
        """Which records are known to have been taken."""

    def read(self) -> dict[str, Tracked]:
        """The ended child runs by record id, as MLflow holds them, by whomever they were shipped. A thousand take
        seconds."""
        ended = [run for run in self._search(CHILDREN) if _ended(run) and "record_id" in run.data.tags]
        held = {run.data.tags["record_id"]: _tracked(run) for run in ended}
        self.shipped.correct(held)
        return held

    def look_up(self, record_ids: Collection[str]) -> None:
        """Sees which of these records somebody has shipped."""
        if len(record_ids) > FEW:
            self.read()
            return
        for record_id in record_ids:
            if any(map(_ended, self._search(f"tags.record_id = '{record_id}'"))):
                self.shipped.add(record_id)

    def describe(self, plan: Plan, campaign: Campaign) -> None:
        """The question in the notes; the resolved spec and the code that trains with the parent run, which is running
        from now on."""
        spec = plan.spec
        self._client.update_run(self.parent, status="RUNNING")
        tags = {"margin": str(spec.margin), "commit": campaign.commit or "", "campaign": campaign.id}
        self._log(self.parent, [], {}, tags)
        self._client.log_text(self.parent, yaml.safe_dump(spec.resolved(), sort_keys=False), "spec.yaml")
        self._client.log_text(self.parent, campaign.difference, "code.diff")
        self._offer_view({run.planned.cell for run in plan.runs})
        self._note(partial(shorten, spec.question or spec.name))

    def ship(self, record: Record, live: str | None = None, shown: int = 0) -> Tracked | None:
        """One record as one child run; shipping it again changes nothing. `live` is the child run that showed the
        curves up to the epoch `shown` while the run went on.
        """
        if record["id"] in self.shipped:
            return None
        run = self._client.get_run(live) if live else self._create(record)
        numbers = layout.scalars(record)
        untold = layout.tags(record) if live else {}
        self._log(
            run.info.run_id, _metrics([*numbers, *layout.curves(record, shown)], record["ended"]),
            layout.parameters(record), untold,
        )  # fmt: skip
        self._keep_files(run, record)
        status = "FAILED" if record["status"] == "failed" else "FINISHED"
        self._client.set_terminated(run.info.run_id, status, int(record["ended"] * 1000))
        self.shipped.add(record["id"])
        for path in layout.weights(record):
            path.unlink()  # not before: a run that is shipped again has to find them
        return Tracked(run.info.run_id, record["id"], {one.name: one.value for one in numbers})

    def begin(self, run: PlannedRun, attempt: int, started: float) -> str:
        """A child run that is still running, so that its curves can be watched; returns its id."""
        known = {**told(run), "fingerprint": run.fingerprint, "attempt": attempt, "started": started}
        return self._create(known).info.run_id

    def show(self, run_id: str, points: Iterable[tuple[int, Mapping[str, float]]]) -> None:
        """Adds (epoch, measures) points to a running child's curves."""
        self._log(run_id, _metrics(layout.live(points), time.time()), {}, {})

    def reconcile(self, at_work: Collection[str] = (), is_left: Callable[[str], bool] = lambda record_id: False) -> int:
        """Child runs that are RUNNING although nobody trains them become KILLED; returns how many. `at_work` are the
        ids of the records that somebody is about to leave, `is_left` tells of which somebody has: unless they have been
        shipped, by another child, they are about to be."""
        running = self._search(f"{CHILDREN} and attributes.status = 'RUNNING'")
        idle = [(run, one) for run in running if (one := _record_id(run)) not in at_work]
        stale = [run for run, one in idle if one in self.shipped or not is_left(one)]
        for run in stale:
            self._client.set_terminated(run.info.run_id, "KILLED")
        return len(stale)

    def finish(self, complete: bool) -> None:
        """Closes the parent run."""
        self._client.set_terminated(self.parent, "FINISHED" if complete else "FAILED")

    def publish(self, note: Note, report: Path, cells: Collection[Cell]) -> None:
        """The answer in the notes, the report among the parent run's artifacts, and a view of the runs by arm."""
        self._client.log_artifacts(self.parent, str(report), REPORT)
        self._remove_old(report)
        self._offer_view(cells)
        self._note(linked(note, self.experiment, self.parent))

    def record(self, run_id: str) -> Record:
        """The whole record of a child run, from its artifacts."""
        return json.loads(Path(self._client.download_artifacts(run_id, "record.json")).read_text())

    def _note(self, note: Note) -> None:
        _tell(partial(self._client.set_experiment_tag, self.experiment, NOTE), note, MAX_EXPERIMENT_TAG_VAL_LENGTH)
        _tell(partial(self._client.set_tag, self.parent, NOTE), note, MAX_TAG_VAL_LENGTH)

    def _offer_view(self, cells: Collection[Cell]) -> None:
        self._client.set_experiment_tag(self.experiment, VIEW_TAG, arms_view(cells))

    def _remove_old(self, report: Path) -> None:
        """A file of an earlier state of the report would stand beside a table that says something else."""
        current = {f"{REPORT}/{path.relative_to(report).as_posix()}" for path in report.rglob("*")}
        place = self._client.get_run(self.parent).info.artifact_uri
        repository = get_artifact_repository(place, self._client.tracking_uri)
        for path in list(self._old(REPORT, current)):
            repository.delete_artifacts(path)

    def _old(self, folder: str, current: Collection[str]) -> Iterator[str]:
        for file in self._client.list_artifacts(self.parent, folder):
            if file.path not in current:
                yield file.path
            elif file.is_dir:
                yield from self._old(file.path, current)

    def _experiment(self, name: str, artifacts: Path) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is None:
            # A server keeps artifacts where it was told to; this machine's folders are nothing to it.
            place = None if self._client.tracking_uri.startswith("http") else (artifacts / name).as_uri()
            return self._client.create_experiment(name, place, KIND)
        if found.lifecycle_stage == "deleted":
            self._client.restore_experiment(found.experiment_id)
        return found.experiment_id

    def _parent(self, name: str) -> str:
        for run in self._search("tags.role = 'ablation'"):
            return run.info.run_id
        return self._client.create_run(self.experiment, run_name=name, tags={"role": "ablation"}).info.run_id

    def _create(self, record: Mapping[str, Any]) -> Run:
        tags = {PARENT: self.parent, "role": "run", **layout.tags(record)}
        started = int(record["started"] * 1000)
        return self._client.create_run(self.experiment, started, tags, record["run_name"])

    def _log(self, run_id: str, metrics: list[Metric], params: Mapping[str, str], tags: Mapping[str, str]) -> None:
        """Everything in one request, as far as a request may be long."""
        others = [Param(*pair) for pair in params.items()], [RunTag(*pair) for pair in tags.items()]
        for start in range(0, max(len(metrics), 1), MOST_METRICS):
            self._client.log_batch(run_id, metrics[start : start + MOST_METRICS], *others, synchronous=True)
            others = [], []

    def _keep_files(self, run: Run, record: Record) -> None:
        files, weights = layout.files(record), list(layout.weights(record))
        if weights:
            files["weights.pt"] = weights[0].read_bytes()
        self._put(run, files)

    def _put(self, run: Run, files: Mapping[str, bytes]) -> None:
        """Artifacts on this machine are plain files; asking MLflow for each costs more than the run's row."""
        if place := local_folder(run.info.artifact_uri):
            write_all(place, files)
            sync_all(place)
            return
        with tempfile.TemporaryDirectory() as folder:
            write_all(Path(folder), files)
            self._client.log_artifacts(run.info.run_id, folder)

    def _search(self, query: str) -> Iterator[Run]:
        token: str | None = None
        while True:
            page = self._client.search_runs([self.experiment], query, ViewType.ACTIVE_ONLY, PAGE, page_token=token)
            yield from page
            token = page.token
            if not token:
                return


def open_tracker(home: Home, shared: Shared, name: str) -> Tracker:
    """An ablation's tracker. One process at a time: of two that find none, each would make a database, an experiment
    and a parent run. Raises Busy where another has been at it for minutes.
    """
    with shared.alone("", "tracker", OPENING):
        return Tracker(home, name)


def record_of(home: Home, run_id: str) -> Record | None:
    """The record of any MLflow run of this project, None where there is no such run."""
    client = MlflowClient(tracking_uri=home.tracking_uri)
    try:
        return json.loads(Path(client.download_artifacts(run_id, "record.json")).read_text())
    except (MlflowException, OSError):
        return None


def _tell(tell: Callable[[str], object], note: Note, longest: int) -> None:
    """A note as long as this MLflow takes it or, where the server is an older one, as long as that does."""
    try:
        tell(note(longest))
    except MlflowException:
        tell(note(LONGEST_TAG))


def _tracked(run: Run) -> Tracked:
    scalars = {name: value for name, value in run.data.metrics.items() if not name.startswith(CURVE)}
    return Tracked(run.info.run_id, run.data.tags["record_id"], scalars)


def _record_id(run: Run) -> str:
    return f"{run.data.tags.get('fingerprint')}.{run.data.tags.get('attempt')}"


def _ended(run: Run) -> bool:
    return run.info.status in ("FINISHED", "FAILED")


def _metrics(measured: Iterable[Measured], at: float) -> list[Metric]:
    return [Metric(one.name, one.value, int(at * 1000), one.epoch) for one in measured]
