"""Which commit of this project trains, and what differs from it, where it is a checkout and git is there."""

from __future__ import annotations

import subprocess
from functools import cache

from modules.sources import ROOT

LONGEST_DIFFERENCE = 1_000_000
"""Characters."""


@cache
def commit() -> str | None:
    """The commit's short name, with a + where files differ from it; None of an installed package, or without git."""
    if not (ROOT / ".git").exists():
        return None
    try:
        name = _git("rev-parse", "--short", "HEAD")
        return name + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def difference() -> str:
    """What `git diff` tells of the files that differ from the commit, cut where it is very long."""
    if not (commit() or "").endswith("+"):
        return ""
    try:
        return _git("diff", "HEAD")[:LONGEST_DIFFERENCE]
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(*words: str) -> str:
    asked = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True, timeout=10)
    return asked.stdout.strip()
