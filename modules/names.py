"""What to say: unknown names answered with the known ones, errors in a line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from pydantic import ValidationError


def nearest(name: str, known: Iterable[str]) -> str:
    """Advice for a name that is not known: the nearest ones, or all where none is near."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(known)}"


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """What to say of a name that is not known."""
    return f"there is no {kind} {name!r}; {nearest(name, known)}"


def unknown_name(kind: str, name: str, known: Iterable[str]) -> NoReturn:
    """Raises ValueError with the nearest known names."""
    raise ValueError(unknown(kind, name, known))


def in_a_line(error: BaseException) -> str:
    """An error's class and message, without line breaks."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def rule_broken(error: ValidationError) -> str:
    """The first of the rules that a value broke, in its checker's words."""
    return error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
