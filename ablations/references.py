"""The papers behind the factors and the methods, as BibTeX entries by key; they stand in references.bib beside this."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from itertools import pairwise

from modules.names import unknown_name

HEAD = re.compile(r"^@\w+\{([^,\s]+),", re.MULTILINE)
"""The first line of an entry, with its key."""


def bibtex(keys: Iterable[str]) -> str:
    """The entries of some keys, each once, in the order of the keys. Raises ValueError for a key that is not there."""
    return "\n\n".join(_entry(key) for key in dict.fromkeys(keys))


@cache
def entries() -> dict[str, str]:
    """Every entry by its key, as it is written."""
    return split(resources.files("ablations").joinpath("references.bib").read_text(encoding="utf-8"))


def split(text: str) -> dict[str, str]:
    """The entries of a file by key. Each reaches to the head of the next, so nothing else may stand in between."""
    heads = list(HEAD.finditer(text))
    bounds = pairwise([*(head.start() for head in heads), len(text)])
    return {head[1]: text[start:end].rstrip() for head, (start, end) in zip(heads, bounds, strict=True)}


def _entry(key: str) -> str:
    known = entries()
    return known[key] if key in known else unknown_name("reference", key, known)
