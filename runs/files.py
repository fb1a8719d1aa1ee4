"""Files that are either there whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

UMASK = os.umask(0o022)
os.umask(UMASK)
"""Asking for it means setting it; once, at import, is safe with threads."""


def write_whole(path: Path, content: bytes) -> None:
    """Writes to a neighbour, syncs, and renames: a reader, a kill or a full disk never sees half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~UMASK)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_json(path: Path, tree: Any) -> None:
    write_whole(path, json.dumps(tree, indent=1).encode())


def read_json(path: Path) -> Any:
    return json.loads(path.read_text())
