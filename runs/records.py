"""Records: what a run left, written locally before anything else hears of it."""

from __future__ import annotations

import json
import platform
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from modules.names import in_a_line
from runs.commit import commit
from runs.files import read_json, write_json
from runs.home import Home
from runs.plan import Run

Record = dict[str, Any]
DONE = ("finished", "diverged")
LIBRARIES = ("torch", "pytorch-lightning", "numpy", "scikit-learn")


class Records:
    """The records under an output folder, one file per fingerprint and attempt; a done one never changes."""

    def __init__(self, home: Home):
        self.folder = home.records

    def write(self, record: Record) -> None:
        write_json(self.folder / f"{record['id']}.json", record)

    def attempts(self, fingerprint: str) -> list[Record]:
        """All that was tried, oldest first."""
        found = [self._read(path) for path in self.folder.glob(f"{fingerprint}.*.json")]
        return sorted((record for record in found if record), key=lambda record: record["attempt"])

    def newest(self, fingerprints: Iterable[str]) -> dict[str, Record]:
        """The newest attempt of each run that has any, with one look at the folder."""
        wanted = set(fingerprints)
        newest: dict[str, Record] = {}
        for fingerprint, attempt, path in sorted(self._names()):
            record = self._read(path) if fingerprint in wanted else None
            if record is not None and attempt == record["attempt"]:
                newest[fingerprint] = record
        return newest

    def find(self, key: str) -> Record | None:
        """The record of that id, or the newest of that fingerprint."""
        return self._read(self.folder / f"{key}.json") or self.newest([key]).get(key)

    def done(self, runs: Mapping[str, Run]) -> dict[str, Record]:
        """Those that need no training, of runs by fingerprint."""
        return {key: record for key, record in self.newest(runs).items() if is_settled(runs[key], record)}

    def _names(self) -> Iterator[tuple[str, int, Path]]:
        for path in self.folder.glob("[!.]*.json"):
            fingerprint, _, attempt = path.stem.partition(".")
            if attempt.isdigit():
                yield fingerprint, int(attempt), path

    @staticmethod
    def _read(path: Path) -> Record | None:
        """A record that cannot be read counts as not there, so its run is trained again."""
        try:
            return read_json(path)
        except (OSError, json.JSONDecodeError):
            return None


def is_settled(run: Run, record: Record) -> bool:
    """Whether a run need not be trained again. One of a search that failed is as bad as can be, once for all: tried
    again, it could send the search another way."""
    return record["status"] in DONE or run.planned.trial is not None


def make_record(run: Run, ablation: str, attempt: int, status: str, started: float, **found: Any) -> Record:
    """A record of a run that ended, trained for the ablation of that name."""
    return {
        "id": f"{run.fingerprint}.{attempt}",
        "fingerprint": run.fingerprint,
        "ablation": ablation,
        "attempt": attempt,
        "status": status,
        "started": started,
        "ended": time.time(),
        "recipe": run.recipe.canonical(),
        "versions": versions(),
        "commit": commit(),
        "metrics": {},
        "curves": {},
        "reason": None,
        "traceback": None,
        "files": [],
        **told(run),
        **found,
    }


def told(run: Run) -> Record:
    """What a plan says of a run; two ablations that share a run may call it by different names."""
    return {**run.labels, "run_name": run.title, "differs": list(run.planned.differs)}


def versions() -> dict[str, str]:
    """The libraries that numbers can depend on."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in LIBRARIES}}


def failure(error: BaseException) -> dict[str, str]:
    """What a failed run leaves: its class and message in a line, and the traceback."""
    return {
        "reason": in_a_line(error),
        "traceback": "".join(traceback.format_exception(error)),
    }
