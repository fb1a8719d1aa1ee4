"""Values: frozen, typed, hashable things that print so that the print can be read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema


class Value(BaseModel):
    """A frozen, strictly typed value; equal values are equal, hash alike, pickle; unknown keys and infinite numbers are
    refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


def _frozen(value: Any) -> Any:
    """A JSON-able tree as something that can be hashed: mappings as sorted pairs, lists as tuples."""
    if isinstance(value, Mapping):
        return tuple((str(key), _frozen(value[key])) for key in sorted(value, key=str))
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


def _arguments(given: Any) -> Any:
    if isinstance(given, tuple):  # already frozen
        return given
    if not isinstance(given, Mapping):
        raise ValueError("must be a mapping of names to values")
    nested = [key for key, value in given.items() if isinstance(value, Mapping)]
    if nested:
        raise ValueError(f"{nested[0]!r} must be a number, text, true, false or a list, not a mapping")
    return _frozen(given)


Arguments = Annotated[
    tuple[tuple[str, Any], ...],
    BeforeValidator(_arguments),
    PlainSerializer(dict),
    WithJsonSchema({"type": "object"}),
]
"""Keyword arguments for code of the user's own: a mapping where it is written, pairs where it is hashed."""


def flatten(tree: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one level of dotted paths: ``{"optimizer": {"lr": 1}}`` -> ``{"optimizer.lr": 1}``."""
    if not isinstance(tree, dict):
        return {prefix: tree}
    flat: dict[str, Any] = {}
    for key, branch in tree.items():
        flat.update(flatten(branch, f"{prefix}.{key}" if prefix else str(key)))
    return flat


def digest(tree: Any) -> str:
    """A short name for a JSON-able tree: equal trees, equal names (first 16 hex digits of SHA-256)."""
    text = json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
