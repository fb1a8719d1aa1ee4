"""A look at every image file of a data set: its digest, its channels, and whether it can be decoded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import NamedTuple

import PIL

from modules.data.cache import keep, recall
from modules.data.pictures import Unreadable, decode
from modules.data.threads import in_threads
from modules.values import digest

FORM = 1
"""Raised when what is kept changes its meaning."""


class Seen(NamedTuple):
    """What was seen of an image file."""

    digest: str
    """First 32 hex digits of the SHA-256 of its bytes."""
    channels: int
    """1 or 3; 0 where it cannot be decoded."""
    fault: str
    """Why it cannot be used, as in `is truncated`; empty where it can."""


def scan(key: str, count: int, content: Callable[[int], bytes]) -> list[Seen]:
    """Looks at `count` files, once for a `key`, which must change whenever a file does.

    `content` gives the bytes of a file by its number; an OSError of it is a fault of that file.
    """
    key = digest(["scan", FORM, PIL.__version__, key])
    kept = recall(key)
    if isinstance(kept, list) and len(kept) == count:
        return [Seen(*one) for one in kept]
    seen = in_threads(lambda number: _look(content, number), count)
    keep(key, seen)
    return seen


def _look(content: Callable[[int], bytes], number: int) -> Seen:
    try:
        read = content(number)
    except OSError as error:
        return Seen("", 0, f"cannot be read, {error.strerror or error}")
    name = hashlib.sha256(read).hexdigest()[:32]
    try:
        return Seen(name, len(decode(read)), "")
    except Unreadable as error:
        return Seen(name, 0, str(error))
