"""How a record is laid out in the tracker: its tags, parameters, numbers and files, by the names that people see."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from modules.values import flatten
from runs.records import Record
from runs.reviewing import why_failed

NOTE = "mlflow.note.content"
CURVE = "epoch/"
"""Curves are kept apart from the final scalars, of which the UI shows the last value."""
TAGS = ("arm", "factor", "level", "model", "seed", "purpose", "fingerprint", "status", "attempt")
LONGEST_PARAM = 500
"""Characters; older servers refuse more."""
LONGEST_TAG = 5000
"""As well; of an experiment's note and of a run's, MLflow 3.17 takes 20,000 and 8,000."""


class Measured(NamedTuple):
    """A number of a run."""

    name: str
    value: float
    epoch: int = 0


def tags(record: Mapping[str, Any]) -> dict[str, str]:
    """What runs are grouped and found by. Of a run that has not ended, as much as is known."""
    found = {name: str(record[name]) for name in TAGS if name in record}
    if record.get("status"):
        found["record_id"] = record["id"]
    if record.get("reused_from"):
        found["reused_from"] = record["reused_from"]
    if record.get("reason"):
        found[NOTE] = why_failed(record["reason"], LONGEST_TAG)
    return found


def parameters(record: Record) -> dict[str, str]:
    """The whole recipe, flattened."""
    return {key: str(value)[:LONGEST_PARAM] for key, value in flatten(record["recipe"]).items()}


def scalars(record: Record) -> list[Measured]:
    """The final numbers. MLflow's databases disagree about those that are not finite."""
    return [Measured(name, float(value)) for name, value in record["metrics"].items() if math.isfinite(value)]


def curves(record: Record, shown: int) -> list[Measured]:
    """The points of all curves after the epoch `shown`."""
    return [
        Measured(CURVE + name, value, epoch)
        for name, values in record["curves"].items()
        for epoch, value in enumerate(values, start=1)
        if epoch > shown and math.isfinite(value)
    ]


def live(points: Iterable[tuple[int, Mapping[str, float]]]) -> list[Measured]:
    """Points of curves as a run tells of them, epoch by epoch."""
    return [
        Measured(CURVE + name, value, epoch)
        for epoch, measures in points
        for name, value in measures.items()
        if math.isfinite(value)
    ]


def files(record: Record) -> dict[str, bytes]:
    """What lies among a run's artifacts, less its weights."""
    found = {
        "record.json": json.dumps(record, indent=1).encode(),
        "difference.txt": ("\n".join(record["differs"]) or "the baseline").encode(),
    }
    return found | ({"traceback.txt": record["traceback"].encode()} if record["traceback"] else {})


def weights(record: Record) -> Iterator[Path]:
    """Those that have not been shipped yet."""
    return (path for path in map(Path, record["files"]) if path.exists())
