"""Which records the tracker is known to have taken. A note beside the records, because asking it takes long."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from runs.files import write_whole


class Ledger:
    """The ids of what was shipped below one parent run; what it does not know is asked of the tracker.

    A line is that parent's id and a record's, so that those of a tracker that has been thrown away do not count.
    """

    def __init__(self, path: Path, parent: str):
        self._path, self._parent = path, parent
        self._ids = set(self._read())

    def __contains__(self, record_id: str) -> bool:
        return record_id in self._ids

    def add(self, record_id: str) -> None:
        with self._path.open("a") as file:
            file.write(self._line(record_id))
        self._ids.add(record_id)

    def refresh(self) -> None:
        """Sees what others have added."""
        self._ids |= set(self._read())

    def correct(self, record_ids: Iterable[str]) -> None:
        """These and no others have been shipped, as the tracker says."""
        found = set(record_ids)
        if found != self._ids:
            self._ids = found
            write_whole(self._path, "".join(map(self._line, sorted(found))).encode())

    def _line(self, record_id: str) -> str:
        # The line before may have been torn in the writing, so each begins with its own end of line.
        return f"\n{self._parent} {record_id} ."

    def _read(self) -> Iterable[str]:
        lines = self._path.read_text(errors="replace").splitlines() if self._path.exists() else []
        words = (line.split(" ") for line in lines)
        return [word[1] for word in words if len(word) == 3 and (word[0], word[2]) == (self._parent, ".")]
