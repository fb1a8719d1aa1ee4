"""What came of the runs of a plan so far, kept while they are watched: a record never changes, so each is read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from modules.workload import image_passes
from runs.forecast import Paces, alike
from runs.plan import Run
from runs.records import DONE, LOST, Record, Records

CROWDED = "it had too little memory beside others on its GPU"


class Attempt(NamedTuple):
    """What is kept of a record: the whole of ten thousand would fill the memory."""

    id: str
    status: str
    reason: str
    """Why it came to nothing, where it did."""
    ended: float


class Tally:
    """The attempts at every run."""

    def __init__(self, records: Records):
        self._records = records
        self._seen: set[str] = set()
        self._attempts: dict[str, list[Attempt]] = defaultdict(list)
        self.paces = Paces()

    def renew(self, runs: Mapping[str, Run]) -> None:
        """Reads what has been recorded since, of runs by fingerprint."""
        unsettled = [key for key in runs if self.status(key) not in DONE]
        for record in self._records.unseen(unsettled, self._seen):
            self._take(record, runs[record["fingerprint"]])

    def _take(self, record: Record, run: Run) -> None:
        reason = CROWDED if "crowded" in record else record["reason"] or ""
        self._seen.add(record["id"])
        self._attempts[run.fingerprint].append(Attempt(record["id"], record["status"], reason, record["ended"]))
        if record["status"] in DONE:
            self.paces.learn(alike(run), record["ended"] - record["started"], image_passes(run.recipe))

    def newest(self, key: str) -> Attempt | None:
        """What a run came to, as far as any attempt came to something."""
        found = [one for one in self._attempts.get(key, ()) if one.status != LOST]
        return found[-1] if found else None

    def status(self, key: str) -> str:
        """How a run's newest attempt ended; empty where none came to anything."""
        newest = self.newest(key)
        return newest.status if newest else ""

    def first_failure(self, key: str) -> Attempt | None:
        """The attempt at which a run failed for the first time."""
        return next((one for one in self._attempts.get(key, ()) if one.status == "failed"), None)

    def lost(self, runs: Mapping[str, Run]) -> Iterator[Attempt]:
        """Attempts at these runs that came to nothing through no fault of theirs."""
        return (one for key in runs for one in self._attempts.get(key, ()) if one.status == LOST)
