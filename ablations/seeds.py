"""Seeds as they are written down: a count, or a list."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

APART = 1_000_000
"""Where seeds are counted from that must not be among those reported."""


def listed(seeds: Any, first: int = 0) -> Any:
    """The seeds of a list, or so many counted from `first`; raises ValueError for anything else."""
    if isinstance(seeds, bool) or not isinstance(seeds, int | list | tuple):
        raise ValueError("seeds are a count (10) or a list ([0, 1, 2])")
    if isinstance(seeds, int):
        if seeds < 1:
            raise ValueError("there must be at least 1 seed")
        return tuple(range(first, first + seeds))
    if len(set(seeds)) != len(seeds):
        raise ValueError("a seed is listed twice")
    return tuple(seeds)


def _listed_apart(seeds: Any) -> Any:
    return listed(seeds, APART)


Seed = Annotated[int, Field(ge=0, lt=2**32)]
WRITTEN = WithJsonSchema(
    {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "array", "items": {"type": "integer"}, "minItems": 1}]}
)
Seeds = Annotated[tuple[Seed, ...], BeforeValidator(listed), Field(min_length=1), WRITTEN]
SeedsApart = Annotated[tuple[Seed, ...], BeforeValidator(_listed_apart), Field(min_length=1), WRITTEN]
"""The same, counted from where no reported seed is expected."""
