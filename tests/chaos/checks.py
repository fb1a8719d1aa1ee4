"""What must be true of an ablation in the end, whatever happened to it."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import torch
from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from tests.chaos.trial import SPEC, Trial

OF_THE_MACHINE = {"seconds", "peak_memory_mb", "run_id"}
"""What equal runs may differ in."""
SOON = 10.0
"""Seconds in which the processes of a command that has ended are gone."""


def faults(trial: Trial, calm: Trial) -> Iterator[str]:
    """What is wrong with a trial that has ended, compared with one that nobody disturbed."""
    yield from _of_processes(trial)
    yield from _of_records(trial, calm)
    yield from _of_mlflow(trial, calm)
    yield from _of_the_table(trial, calm)
    yield from _of_the_folder(trial)


def _of_processes(trial: Trial) -> Iterator[str]:
    end = time.monotonic() + SOON
    while (left := trial.processes()) and time.monotonic() < end:
        time.sleep(0.1)
    if left:
        yield f"{len(left)} processes are left: {left}"


def _of_records(trial: Trial, calm: Trial) -> Iterator[str]:
    ended = [one for one in trial.records() if one["status"] != "lost"]
    before = {one["fingerprint"]: _numbers(one) for one in calm.records()}
    yield from _not_once("records", Counter(one["fingerprint"] for one in ended), before)
    for one in ended:
        if _numbers(one) != before.get(one["fingerprint"]):
            yield f"{one['id']}: its record differs: {one['status']} {one['reason'] or ''}"


def _of_mlflow(trial: Trial, calm: Trial) -> Iterator[str]:
    runs, before = tracked(trial), {_key(run): run for run in tracked(calm)}
    finished = [run for run in runs if run.info.status == "FINISHED"]
    yield from _not_once("runs in MLflow", Counter(map(_key, finished)), before)
    for run in runs:
        if run.info.status not in ("FINISHED", "KILLED"):
            yield f"{_key(run)}: is {run.info.status} in MLflow"
    for run in finished:
        if run.data.metrics.keys() != before[_key(run)].data.metrics.keys():
            yield f"{_key(run)}: MLflow has other metrics of it"
        elif not _same(_weights(trial, run), _weights(calm, before[_key(run)])):
            yield f"{_key(run)}: its weights are not in MLflow, or are others"


def _not_once(what: str, counts: Mapping[str, int], wanted: Mapping[str, Any]) -> Iterator[str]:
    for key in wanted.keys() | counts.keys():
        if counts.get(key, 0) != (key in wanted):
            yield f"{key}: {counts.get(key, 0)} {what}"


def _of_the_table(trial: Trial, calm: Trial) -> Iterator[str]:
    if _table(trial) != _table(calm):
        yield "runs.csv differs"


def _of_the_folder(trial: Trial) -> Iterator[str]:
    """What a crash leaves is cleared away in the end."""
    for folder in (trial.home.weights, trial.home.spool):
        yield from (f"left behind: {path}" for path in folder.glob("*"))


def trained_twice(trial: Trial) -> Iterator[str]:
    """Runs that were begun more than once, although nobody died."""
    yield from (f"{one['id']}: was begun again" for one in trial.records() if one["attempt"] != 1)
    queues = list(trial.home.records.parent.glob("*.journal"))
    begun = sum(queue.read_bytes().count(b'"worker"') for queue in queues)
    if begun != len(trial.plan.runs):
        yield f"{begun} runs were begun, of {len(trial.plan.runs)}"


def tracked(trial: Trial) -> list[Run]:
    """The trial's runs in MLflow, whose server, where it has one, is over the same files."""
    client = MlflowClient(f"sqlite:///{trial.home.root / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(SPEC.stem)
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id], "tags.role = 'run'", max_results=1000))


def _weights(trial: Trial, run: Run) -> Any:
    place = urlparse(run.info.artifact_uri or "")
    folder = trial.home.artifacts / place.path.lstrip("/") if place.scheme == "mlflow-artifacts" else Path(place.path)
    try:
        return torch.load(folder / "weights.pt")
    except (OSError, EOFError, RuntimeError):
        return None


def _same(one: Any, other: Any) -> bool:
    """Whether two trees of tensors are equal in every bit."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return torch.equal(one, other)
    return one is not None and one == other


def _key(run: Run) -> str:
    return run.data.tags["fingerprint"]


def _numbers(record: Mapping[str, Any]) -> dict[str, Any]:
    metrics = {name: value for name, value in record["metrics"].items() if name not in OF_THE_MACHINE}
    return {"status": record["status"], "curves": record["curves"], "metrics": metrics}


def _table(trial: Trial) -> list[dict[str, str]]:
    with (trial.home.report(SPEC.stem) / "runs.csv").open() as file:
        return [
            {name: cell for name, cell in row.items() if name not in OF_THE_MACHINE} for row in csv.DictReader(file)
        ]
