"""MLflow: what the records say, laid out for a person who reviews in its UI. The one file that knows MLflow."""

from __future__ import annotations

import json
import math
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple
from urllib.parse import urlparse
from urllib.request import url2pathname

import yaml

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")

from mlflow.entities import Metric, Param, Run, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient
from mlflow.utils.validation import MAX_EXPERIMENT_TAG_VAL_LENGTH, MAX_TAG_VAL_LENGTH

from modules.values import flatten
from runs.home import Home
from runs.plan import Plan
from runs.plan import Run as PlannedRun
from runs.records import Record, told
from runs.reviewing import VIEW_TAG, Note, arms_view, linked, why_failed

NOTE = "mlflow.note.content"
REPORT = "report"
"""The folder of the report, among the parent run's artifacts."""
CURVE = "epoch/"
KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Has the UI open the view of training runs, not that of chats."""
PARENT = "mlflow.parentRunId"
TAGS = ("arm", "factor", "level", "model", "seed", "purpose", "fingerprint", "status", "attempt")
MOST_METRICS = 1000
"""In one request."""
LONGEST_PARAM = 500
"""Characters; older servers refuse more."""
LONGEST_TAG = 5000
"""As well; of an experiment's note and of a run's, MLflow 3.17 takes 20,000 and 8,000."""


class Tracked(NamedTuple):
    """A run as MLflow holds it."""

    run_id: str
    record_id: str
    scalars: dict[str, float]
    """The final numbers, without the curves."""


class Tracker:
    """One ablation's experiment: a parent run, and one child run per record."""

    def __init__(self, home: Home, name: str):
        self._client = MlflowClient(tracking_uri=home.tracking_uri)
        self.experiment = self._experiment(name, home.artifacts)
        ended = [run for run in self._runs() if _ended(run) and "record_id" in run.data.tags]
        self._cells = {(run.data.tags["arm"], run.data.tags["model"]) for run in ended}
        self.shipped = {run.data.tags["record_id"]: _tracked(run) for run in ended}
        """The ended child runs by record id, as MLflow holds them."""
        self.parent = self._parent(name)

    def describe(self, plan: Plan) -> None:
        """The question in the notes, the resolved spec with the parent run, which is running from now on."""
        spec = plan.spec
        self._client.update_run(self.parent, status="RUNNING")
        self._client.set_tag(self.parent, "margin", str(spec.margin))
        self._client.log_text(self.parent, yaml.safe_dump(spec.resolved(), sort_keys=False), "spec.yaml")
        self._offer_view({(run.planned.arm.name, run.planned.model) for run in plan.runs})
        self._note(partial(shorten, spec.question or spec.name))

    def ship(self, record: Record, live: str | None = None, shown: int = 0) -> None:
        """One record as one child run; shipping it again changes nothing. `live` is the child run that showed the
        curves up to the epoch `shown` while the run went on.
        """
        if record["id"] in self.shipped:
            return
        run = self._client.get_run(live) if live else self._create(record)
        run_id = run.info.run_id
        self._log(run_id, [*_scalars(record), *_curves(record, shown)], _params(record["recipe"]), _tags(record))
        self._keep_files(run, record)
        status = "FAILED" if record["status"] == "failed" else "FINISHED"
        self._client.set_terminated(run_id, status, int(record["ended"] * 1000))
        self.shipped[record["id"]] = Tracked(run_id, record["id"], _finite(record["metrics"]))

    def begin(self, run: PlannedRun, attempt: int, started: float) -> str:
        """A child run that is still running, so that its curves can be watched; returns its id."""
        known = {**told(run), "fingerprint": run.fingerprint, "attempt": attempt, "started": started}
        return self._create(known).info.run_id

    def show(self, run_id: str, points: Iterable[tuple[int, Mapping[str, float]]]) -> None:
        """Adds (epoch, measures) points to a running child's curves."""
        now = int(time.time() * 1000)
        values = [(name, value, epoch) for epoch, point in points for name, value in point.items()]
        self._log(run_id, [Metric(curve_name(n), v, now, e) for n, v, e in values if math.isfinite(v)], [], [])

    def reconcile(self) -> int:
        """Child runs that are RUNNING although nobody trains them become KILLED; returns how many."""
        stale = [run for run in self._runs() if run.info.status == "RUNNING"]
        for run in stale:
            self._client.set_terminated(run.info.run_id, "KILLED")
        return len(stale)

    def finish(self, complete: bool) -> None:
        """Closes the parent run."""
        self._client.set_terminated(self.parent, "FINISHED" if complete else "FAILED")

    def publish(self, note: Note, report: Path) -> None:
        """The answer in the notes, the report among the parent run's artifacts, and a view of the runs by arm."""
        self._client.log_artifacts(self.parent, str(report), REPORT)
        self._remove_old(report)
        self._offer_view(self._cells)
        self._note(linked(note, self.experiment, self.parent))

    def record(self, run_id: str) -> Record:
        """The whole record of a child run, from its artifacts."""
        return json.loads(Path(self._client.download_artifacts(run_id, "record.json")).read_text())

    def _note(self, note: Note) -> None:
        _tell(partial(self._client.set_experiment_tag, self.experiment, NOTE), note, MAX_EXPERIMENT_TAG_VAL_LENGTH)
        _tell(partial(self._client.set_tag, self.parent, NOTE), note, MAX_TAG_VAL_LENGTH)

    def _offer_view(self, cells: Collection[tuple[str, str]]) -> None:
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
        tags = {PARENT: self.parent, "role": "run"} | {tag.key: tag.value for tag in _tags(record)}
        started = int(record["started"] * 1000)
        return self._client.create_run(self.experiment, started, tags, record["run_name"])

    def _log(self, run_id: str, metrics: list[Metric], params: list[Param], tags: list[RunTag]) -> None:
        """Everything in one request, as far as a request may be long."""
        for start in range(0, max(len(metrics), 1), MOST_METRICS):
            self._client.log_batch(run_id, metrics[start : start + MOST_METRICS], params, tags, synchronous=True)
            params, tags = [], []

    def _keep_files(self, run: Run, record: Record) -> None:
        files = {
            "record.json": json.dumps(record, indent=1).encode(),
            "difference.txt": ("\n".join(record["differs"]) or "the baseline").encode(),
        }
        if record["traceback"]:
            files["traceback.txt"] = record["traceback"].encode()
        weights = [path for path in map(Path, record["files"]) if path.exists()]
        if weights:
            files["weights.pt"] = weights[0].read_bytes()
        self._put(run, files)
        for path in weights:
            path.unlink()

    def _put(self, run: Run, files: Mapping[str, bytes]) -> None:
        """Artifacts on this machine are plain files; asking MLflow for each costs more than the run's row."""
        uri = urlparse(run.info.artifact_uri)
        if uri.scheme in ("", "file"):
            _write_all(Path(url2pathname(uri.path)), files)
            return
        with tempfile.TemporaryDirectory() as folder:
            _write_all(Path(folder), files)
            self._client.log_artifacts(run.info.run_id, folder)

    def _runs(self) -> Iterator[Run]:
        return self._search("tags.role = 'run'")

    def _search(self, query: str) -> Iterator[Run]:
        token: str | None = None
        while True:
            page = self._client.search_runs([self.experiment], query, ViewType.ACTIVE_ONLY, 1000, page_token=token)
            yield from page
            token = page.token
            if not token:
                return


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


def _ended(run: Run) -> bool:
    return run.info.status in ("FINISHED", "FAILED")


def _scalars(record: Record) -> list[Metric]:
    ended = int(record["ended"] * 1000)
    return [Metric(name, value, ended, 0) for name, value in _finite(record["metrics"]).items()]


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """MLflow's databases disagree about the others."""
    return {name: float(value) for name, value in metrics.items() if math.isfinite(value)}


def _curves(record: Record, shown: int) -> list[Metric]:
    ended = int(record["ended"] * 1000)
    return [
        Metric(curve_name(name), value, ended, epoch)
        for name, values in record["curves"].items()
        for epoch, value in enumerate(values, start=1)
        if epoch > shown and math.isfinite(value)
    ]


def curve_name(measure: str) -> str:
    """Curves are kept apart from the final scalars, of which the UI shows the last value."""
    return CURVE + measure


def _params(recipe: Mapping[str, Any]) -> list[Param]:
    return [Param(key, str(value)[:LONGEST_PARAM]) for key, value in flatten(recipe).items()]


def _tags(record: Mapping[str, Any]) -> list[RunTag]:
    tags = {name: str(record[name]) for name in TAGS if name in record}
    if record.get("status"):
        tags["record_id"] = record["id"]
    if record.get("reused_from"):
        tags["reused_from"] = record["reused_from"]
    if record.get("reason"):
        tags[NOTE] = why_failed(record["reason"], LONGEST_TAG)
    return [RunTag(key, value) for key, value in tags.items()]


def _write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
