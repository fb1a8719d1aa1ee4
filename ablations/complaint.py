"""What a schema says of a bad value, in words that help: the rule, and the nearest names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from ablations.document import Document
from ablations.factors import FACTORS
from ablations.spec import Spec
from modules.names import nearest, unknown

RULES = {
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be above {gt:g}",
    "less_than_equal": "must be at most {le:g}",
    "less_than": "must be below {lt:g}",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of settings, such as {{key: value}}",
    "model_attributes_type": "must be a mapping of settings, such as {{key: value}}",
    "tuple_type": "must be a list",
    "string_pattern_mismatch": (
        "must be 1 to 64 letters, digits, - or _, starting with a letter or digit: it names a folder"
    ),
    "too_short": "must hold at least one",
    "missing": "this key is required",
}
"""pydantic's error types, as advice."""

WITHOUT_VALUE = ("value_error", "extra_forbidden", "missing", "located", "union_tag_invalid", "too_short")

FACTOR_AT = {"factors": 1, "arms": 2}
"""Where in a path a factor's name stands: `factors.dropout.p`, `arms.light.dropout.p`."""


def first_complaint(error: ValidationError, document: Document, schema: type[BaseModel] = Spec) -> str:
    """The first thing that is wrong with a document: where, at which key, the rule, the cure."""
    first = error.errors(include_url=False)[0]
    location = first.get("ctx", {}).get("location", first["loc"])
    place = document.place((*location, "name") if first["type"] == "union_tag_invalid" else location)
    key = ".".join(str(part) if str(part).isprintable() else repr(part) for part in place)
    return f"{document.where(place)}: {key + ': ' if key else ''}{complaint(first, schema)}"


def complaint(error: Mapping[str, Any], schema: type[BaseModel] = Spec) -> str:
    """One of `ValidationError.errors()` in words."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(error["loc"], schema)
    if kind == "union_tag_invalid":
        kind = next(part for part in reversed(error["loc"]) if isinstance(part, str))
        return unknown(kind, context["tag"], _quoted(context["expected_tags"]))
    if kind == "missing" and isinstance(place := error["loc"][-1], int):
        return f"must hold at least {place + 1} values"
    if kind == "union_tag_not_found":
        return "a `name` is required"
    if kind == "literal_error":
        return unknown("choice", str(error["input"]), _quoted(context["expected"])) + _reading(error["input"])
    rule = RULES[kind].format(**context) if kind in RULES else error["msg"].removeprefix("Value error, ")
    return rule if kind in WITHOUT_VALUE else f"{rule}, not {_brief(error['input'])}{_reading(error['input'])}"


def _unknown_key(location: tuple[str | int, ...], schema: type[BaseModel]) -> str:
    *path, key = location
    known = _known_keys(tuple(path), schema)
    if key in known:  # the schema knows it, the branch of the union chosen by `name` does not
        return f"{path[-1]} has no such setting; leave it out"
    return f"unknown key; {nearest(str(key), known)}"


def _known_keys(path: tuple[str | int, ...], schema: type[BaseModel]) -> list[str]:
    """The keys allowed at a place of a document."""
    kind: Any = schema
    at = FACTOR_AT.get(str(path[0]), len(path)) if path else 0
    if at < len(path):
        kind, path = FACTORS.get(str(path[at]), dict), path[at + 1 :]
    for part in path:
        kind = _below(kind, part)
    fields = kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else {}
    return [field.alias or name for name, field in fields.items() if not field.exclude and name != "replicate"]


def _below(kind: Any, part: str | int) -> Any:
    """The type of a field, of a list's items, or of a union's branch."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _given(kind.model_fields[part].annotation) if part in kind.model_fields else kind
    branches = [branch for branch in _within(kind) if isinstance(branch, type) and issubclass(branch, BaseModel)]
    named = [branch for branch in branches if "name" in branch.model_fields]
    return next((b for b in named if part in get_args(b.model_fields["name"].annotation)), (branches or [kind])[0])


def _given(kind: Any) -> Any:
    """What a key that may be left out holds where it is not."""
    branches = [branch for branch in get_args(kind) if branch is not NoneType]
    return branches[0] if NoneType in get_args(kind) and len(branches) == 1 else kind


def _within(kind: Any) -> list[Any]:
    """The types that a type is made of: of items, of values, of a union's branches."""
    return [part for arg in get_args(kind) for part in (arg, *_within(arg))]


def _quoted(text: str) -> list[str]:
    return re.findall(r"'([^']*)'", text)


def _reading(value: Any) -> str:
    """Where a truth value comes from that is none to whoever wrote it."""
    words = "true, yes and on" if value is True else "false, no and off"
    return f"; {value} is how YAML reads {words} without quotes" if isinstance(value, bool) else ""


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
