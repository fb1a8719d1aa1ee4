"""Values: frozen, typed, hashable things that print so that the print can be read back."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen, strictly typed value; equal values are equal, hash alike, pickle, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


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
