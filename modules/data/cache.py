"""Findings that took long, kept on disk: under `cache/` in the output folder, each whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any


def folder() -> Path:
    """Where findings are kept: in the folder that ABLATE_HOME names, or `output` here."""
    return Path(os.environ.get("ABLATE_HOME") or "output").absolute() / "cache"


def recall(key: str) -> Any:
    """What was kept under a key; None where nothing was, or nothing that can be read."""
    try:
        return json.loads((folder() / f"{key}.json").read_text())
    except (OSError, ValueError):
        return None


def keep(key: str, tree: Any) -> None:
    """Keeps JSON-able data under a key, if it can: whoever cannot write finds it out again next time."""
    with contextlib.suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder(), prefix=f".{key}.")
        try:
            with os.fdopen(handle, "w") as file:
                json.dump(tree, file)
            os.replace(name, folder() / f"{key}.json")
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
