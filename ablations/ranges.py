"""What a setting takes, in words, read off its JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

KINDS = {
    "boolean": "true or false", "integer": "a whole number", "number": "a number", "string": "text",
    "array": "a list", "object": "a mapping of names to values", "null": "null",
}  # fmt: skip
BOUNDS = {
    "minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below",
}  # fmt: skip


def ranges(kind: type[BaseModel]) -> dict[str, str]:
    """Setting -> what may be given for it: `a number, at least 0 and below 1`."""
    schema = kind.model_json_schema()
    return {name: in_words(setting, schema.get("$defs", {})) for name, setting in schema["properties"].items()}


def in_words(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """One schema in words; `definitions` are those that its `$ref`s point to."""
    if "$ref" in schema:
        return in_words(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        return ", or ".join(in_words(branch, definitions) for branch in branches)
    if "properties" in schema:
        parts = {name: in_words(part, definitions) for name, part in schema["properties"].items()}
        return f"a mapping: {'; '.join(f'{name} ({words})' for name, words in parts.items())}"
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    return f"one of {', '.join(map(str, choices))}" if choices else _kind(schema) + _bounds(schema)


def _kind(schema: Mapping[str, Any]) -> str:
    items = schema.get("prefixItems", ())
    return f"a list of {len(items)} values" if items else KINDS[schema.get("type", "string")]


def _bounds(schema: Mapping[str, Any]) -> str:
    said = [f"{word} {schema[key]:g}" for key, word in BOUNDS.items() if key in schema]
    return f", {' and '.join(said)}" if said else ""
