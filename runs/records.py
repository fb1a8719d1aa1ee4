"""Records: what a run left, written locally before anything else hears of it."""

from __future__ import annotations

import platform
import time
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from modules.names import in_a_line
from runs.commit import commit
from runs.files import read_json, write_json
from runs.home import Home
from runs.plan import Run
from runs.shared import open_shared

Record = dict[str, Any]
DONE = ("finished", "diverged")
LOST = "lost"
"""The status of an attempt that came to nothing through no fault of the run: its worker was killed, its machine went
down, or it had too little of a GPU's memory."""
LIBRARIES = ("torch", "pytorch-lightning", "numpy", "scikit-learn")


class Records:
    """The records under an output folder, one file per fingerprint and attempt, which never changes.

    Where several machines share a database, those that others wrote are kept here, too, once they were asked for.
    """

    def __init__(self, home: Home):
        self.folder, self._home = home.records, home
        self._shared = open_shared(home)

    def write(self, record: Record) -> bool:
        """Keeps the record of an attempt. One that comes late, when its attempt has one already, is not kept; tells
        whether it was."""
        kept = self._shared.add(record)
        if not kept or not record["files"]:
            self._clear_away(record["id"])
        return kept

    def _clear_away(self, record_id: str) -> None:
        """Weights that no record tells of, since a worker died, or was late, between writing them and its record."""
        record = self.get(record_id)
        if record is not None and not record["files"]:
            self._home.weights_of(record_id).unlink(missing_ok=True)

    def attempts(self, fingerprint: str) -> list[Record]:
        """All that was tried, oldest first."""
        self._fetch([fingerprint])
        found = [self._read(path) for path in self.folder.glob(f"{fingerprint}.*.json")]
        return sorted((record for record in found if record), key=lambda record: record["attempt"])

    def newest(self, fingerprints: Iterable[str]) -> dict[str, Record]:
        """What came of each run in its newest attempt, of those that any attempt came to something; with one look at
        the folder."""
        self._fetch(wanted := set(fingerprints))
        newest: dict[str, Record] = {}
        for fingerprint, attempt, path in sorted(self._names()):
            record = self._read(path) if fingerprint in wanted else None
            if record is not None and attempt == record["attempt"] and record["status"] != LOST:
                newest[fingerprint] = record
        return newest

    def last_attempts(self, fingerprints: Iterable[str]) -> dict[str, int]:
        """The number of the last attempt of each run that was tried, whatever came of it."""
        self._fetch(wanted := set(fingerprints))
        last: dict[str, int] = {}
        for fingerprint, attempt, _ in self._names():
            if fingerprint in wanted:
                last[fingerprint] = max(attempt, last.get(fingerprint, 0))
        return last

    def unseen(self, fingerprints: Iterable[str], seen: Collection[str]) -> Iterator[Record]:
        """All attempts of these runs, a run's oldest first, less the records whose ids were seen."""
        self._fetch(wanted := set(fingerprints))
        for fingerprint, attempt, path in sorted(self._names()):
            new = fingerprint in wanted and f"{fingerprint}.{attempt}" not in seen
            if new and (record := self._read(path)) is not None:
                yield record

    def get(self, record_id: str) -> Record | None:
        """The record of that id; takes no longer where there are many."""
        return self._read(self.folder / f"{record_id}.json") or self._shared.get(record_id)

    def find(self, key: str) -> Record | None:
        """The record of that id, or the newest of that fingerprint."""
        return self.get(key) or self.newest([key]).get(key)

    def done(self, runs: Mapping[str, Run]) -> dict[str, Record]:
        """Those that need no training, of runs by fingerprint."""
        return {key: record for key, record in self.newest(runs).items() if is_settled(runs[key], record)}

    def _fetch(self, fingerprints: Collection[str]) -> None:
        """Keeps here what other machines wrote."""
        known = {path.stem for _, _, path in self._names()} if self._shared.is_elsewhere else ()
        for record in self._shared.fetch(fingerprints, known):
            write_json(self.folder / f"{record['id']}.json", record)

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
        except (OSError, ValueError):
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


@cache
def versions() -> dict[str, str]:
    """The libraries that numbers can depend on."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in LIBRARIES}}


def failure(error: BaseException) -> dict[str, str]:
    """What a failed run leaves: its class and message in a line, and the traceback."""
    return {
        "reason": in_a_line(error),
        "traceback": "".join(traceback.format_exception(error)),
    }
