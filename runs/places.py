"""Where a tracker keeps things when it keeps them on this machine: a database in a file, artifacts in folders."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

SQLITE = "sqlite:///"


def prepare(uri: str) -> None:
    """Has a new SQLite database write ahead: each commit then waits for the disk once, and who reads, as the UI does,
    neither waits nor is waited for. The file keeps that in mind."""
    path = Path(uri.removeprefix(SQLITE))
    if uri.startswith(SQLITE) and not path.exists():
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA journal_mode = WAL")


def local_folder(uri: str) -> Path | None:
    """The folder that a place of artifacts is; None where it is on a server."""
    parts = urlparse(uri)
    return Path(url2pathname(parts.path)) if parts.scheme in ("", "file") else None


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
