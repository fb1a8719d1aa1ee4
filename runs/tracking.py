"""MLflow: what the records say, laid out for a person who reviews in its UI. The one file that knows MLflow."""

from __future__ import annotations

import json
import math
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")

from mlflow.entities import Metric, Param, Run, RunStatus, RunTag, ViewType
from mlflow.tracking import MlflowClient

NOTE = "mlflow.note.content"
PARENT = "mlflow.parentRunId"
BATCH = {"metrics": 1000, "params": 100, "tags": 100}
TAGS = ("arm", "factor", "level", "model", "seed", "fingerprint", "status", "attempt")
LONGEST_PARAM = 500
"""Characters; older servers refuse more."""


class Tracker:
    """One ablation's experiment: a parent run, and one child run per record."""

    def __init__(self, uri: str, artifacts: Path, name: str):
        self._client = MlflowClient(tracking_uri=uri)
        self.experiment = self._experiment(name, artifacts)
        self._shipped = {run.data.tags.get("record_id"): run.info.run_id for run in self._runs() if _ended(run)}
        self.parent = self._parent(name)

    def describe(self, note: str, params: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """The experiment's note, and the resolved spec and provenance on the parent run."""
        self._client.set_experiment_tag(self.experiment, NOTE, note)
        self._client.set_tag(self.parent, NOTE, note)
        self._client.update_run(self.parent, status="RUNNING")
        self._log(self.parent, tags=[RunTag(key, str(value)) for key, value in tags.items()])
        for key, value in params.items():
            self._client.set_tag(self.parent, key, str(value)[:5000])

    def ship(self, record: Mapping[str, Any], live: str | None = None) -> str:
        """One record as one child run; shipping it again changes nothing. `live` is the run that showed its curves."""
        if record["id"] in self._shipped:
            return self._shipped[record["id"]]
        run_id = live or self._create(record)
        self._log(
            run_id,
            metrics=[*_scalars(record), *([] if live else _curves(record))],
            params=_params(record["params"]),
            tags=_tags(record),
        )
        self._keep_files(run_id, record)
        status = "FAILED" if record["status"] == "failed" else "FINISHED"
        self._client.set_terminated(run_id, status, int(record["ended"] * 1000))
        self._shipped[record["id"]] = run_id
        return run_id

    def begin(self, record: Mapping[str, Any]) -> str:
        """A child run that is still running, so that its curves can be watched."""
        return self._create(record)

    def show(self, run_id: str, points: Iterable[tuple[int, Mapping[str, float]]]) -> None:
        """Adds (epoch, measures) points to a running child's curves."""
        now = int(time.time() * 1000)
        values = [(name, value, epoch) for epoch, point in points for name, value in point.items()]
        self._log(run_id, metrics=[Metric(n, v, now, e) for n, v, e in values if math.isfinite(v)])

    def reconcile(self) -> int:
        """Child runs that are RUNNING although nobody trains them become KILLED; returns how many."""
        stale = [run for run in self._runs() if not _ended(run)]
        for run in stale:
            self._client.set_terminated(run.info.run_id, "KILLED")
        return len(stale)

    def finish(self, note: str, report: Path | None, complete: bool) -> None:
        """Closes the parent run: the answer in the notes, the report among the artifacts."""
        self._client.set_experiment_tag(self.experiment, NOTE, note)
        self._client.set_tag(self.parent, NOTE, note)
        if report is not None:
            self._client.log_artifacts(self.parent, str(report), "report")
        self._client.set_terminated(self.parent, "FINISHED" if complete else "FAILED")

    def read(self) -> dict[str, dict[str, Any]]:
        """The ended child runs by record id: tags, metrics and run_id, as MLflow holds them."""
        return {
            run.data.tags["record_id"]: {
                "run_id": run.info.run_id,
                "tags": dict(run.data.tags),
                "metrics": dict(run.data.metrics),
            }
            for run in self._runs()
            if _ended(run) and "record_id" in run.data.tags
        }

    def record(self, run_id: str) -> dict[str, Any]:
        """The whole record of a child run, from its artifacts."""
        path = self._client.download_artifacts(run_id, "record.json")
        return json.loads(Path(path).read_text())

    def _experiment(self, name: str, artifacts: Path) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is None:
            return self._client.create_experiment(name, artifact_location=(artifacts / name).as_uri())
        if found.lifecycle_stage == "deleted":
            self._client.restore_experiment(found.experiment_id)
        return found.experiment_id

    def _parent(self, name: str) -> str:
        found = self._search("tags.role = 'ablation'", limit=1)
        for run in found:
            return run.info.run_id
        return self._client.create_run(self.experiment, run_name=name, tags={"role": "ablation"}).info.run_id

    def _create(self, record: Mapping[str, Any]) -> str:
        tags = {PARENT: self.parent, "role": "run"} | {tag.key: tag.value for tag in _tags(record)}
        started = int(record["started"] * 1000)
        return self._client.create_run(self.experiment, started, tags, record["run_name"]).info.run_id

    def _log(self, run_id: str, **entities: list[Any]) -> None:
        for kind, items in entities.items():
            for start in range(0, len(items), BATCH[kind]):
                batch: dict[str, Any] = {kind: items[start : start + BATCH[kind]]}
                self._client.log_batch(run_id, **batch, synchronous=True)

    def _keep_files(self, run_id: str, record: Mapping[str, Any]) -> None:
        put = self._putter(run_id)
        put("record.json", json.dumps(dict(record), indent=1).encode())
        put("difference.txt", ("\n".join(record["differs"]) or "the baseline").encode())
        if record["traceback"]:
            put("traceback.txt", record["traceback"].encode())
        for path in map(Path, record["files"]):
            if path.exists():
                put("weights.pt", path.read_bytes())
                path.unlink()

    def _putter(self, run_id: str) -> Callable[[str, bytes], None]:
        """Artifacts on this machine are written as plain files; a request per file would cost more than the run's row."""
        uri = self._client.get_run(run_id).info.artifact_uri
        if urlparse(uri).scheme in ("", "file"):
            folder = Path(url2pathname(urlparse(uri).path))
            folder.mkdir(parents=True, exist_ok=True)
            return lambda name, content: (folder / name).write_bytes(content) and None
        return lambda name, content: self._upload(run_id, name, content)

    def _upload(self, run_id: str, name: str, content: bytes) -> None:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            self._client.log_artifact(run_id, str(path))
            shutil.rmtree(folder, ignore_errors=True)

    def _runs(self) -> Iterator[Run]:
        return self._search("tags.role = 'run'")

    def _search(self, query: str, limit: int = 1000) -> Iterator[Run]:
        token: str | None = None
        while True:
            page = self._client.search_runs([self.experiment], query, ViewType.ACTIVE_ONLY, limit, page_token=token)
            yield from page
            token = page.token
            if not token or limit == 1:
                return


def _ended(run: Run) -> bool:
    return run.info.status in (RunStatus.to_string(RunStatus.FINISHED), RunStatus.to_string(RunStatus.FAILED))


def _scalars(record: Mapping[str, Any]) -> list[Metric]:
    ended = int(record["ended"] * 1000)
    return [Metric(name, value, ended, 0) for name, value in record["metrics"].items() if math.isfinite(value)]


def _curves(record: Mapping[str, Any]) -> list[Metric]:
    ended = int(record["ended"] * 1000)
    return [
        Metric(curve_name(name), value, ended, epoch)
        for name, values in record["curves"].items()
        for epoch, value in enumerate(values, start=1)
        if math.isfinite(value)
    ]


def curve_name(measure: str) -> str:
    """Curves are kept apart from the final scalars, of which the UI shows the last value."""
    return f"epoch/{measure}"


def _params(params: Mapping[str, str]) -> list[Param]:
    return [Param(key, value[:LONGEST_PARAM]) for key, value in params.items()]


def _tags(record: Mapping[str, Any]) -> list[RunTag]:
    tags = {name: str(record[name]) for name in TAGS if name in record}
    if record.get("status"):
        tags["record_id"] = record["id"]
    if record.get("reused_from"):
        tags["reused_from"] = record["reused_from"]
    if record.get("reason"):
        tags[NOTE] = f"{record['reason']}\n\n```\n{record['traceback'] or ''}\n```"[:5000]
    return [RunTag(key, value) for key, value in tags.items()]
