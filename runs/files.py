"""Files that are either there whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

UMASK = os.umask(0o022)
os.umask(UMASK)
"""Asking for it means setting it; once, at import, is safe with threads."""


def write_whole(path: Path, content: bytes) -> None:
    """Writes to a neighbour, syncs, and renames: a reader, a kill, a full disk or a power cut never leaves half a
    file."""
    with _neighbour(path, content, synced=True) as name:
        os.replace(name, path)
        _sync_folder(path.parent)


def write_new(path: Path, content: bytes) -> bool:
    """The same, unless there is such a file: the first to write it wins. Tells whether it was written."""
    with _neighbour(path, content, synced=True) as name:
        try:
            os.link(name, path)
        except FileExistsError:
            return False
        _sync_folder(path.parent)
        return True


def write_soon(path: Path, content: bytes) -> None:
    """Whole or not at all for readers, but a power cut may take it: for what is of no use after one."""
    with _neighbour(path, content, synced=False) as name:
        os.replace(name, path)


@contextmanager
def _neighbour(path: Path, content: bytes, synced: bool) -> Iterator[str]:
    """A file beside another that is gone afterwards, unless it was renamed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if synced:
                os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~UMASK)
        yield name
    finally:
        Path(name).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """A file is there after a power cut only when the folder that names it was synced, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_all(folder: Path) -> None:
    """Has the disk take a folder and the files in it."""
    for path in folder.iterdir():
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    _sync_folder(folder)


def write_json(path: Path, tree: Any) -> None:
    write_whole(path, json.dumps(tree, indent=1).encode())


def read_json(path: Path) -> Any:
    return json.loads(path.read_text())
