"""Settings that are no spec, read as a spec is: YAML, `key=value` over it, and errors that say where and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from ablations.complaint import first_complaint
from ablations.document import Document, SpecError
from modules.values import Value

Read = TypeVar("Read", bound=Value)


def read_settings(words: Sequence[str]) -> dict[str, Any]:
    """`key=value` as a mapping, the values in YAML, over a file where one is named; raises SpecError."""
    return _document(words).tree


def read_as(schema: type[Read], words: Sequence[str]) -> Read:
    """The same as a value of the schema."""
    document = _document(words)
    try:
        return schema.model_validate(document.tree)
    except ValidationError as error:
        raise SpecError(first_complaint(error, document, schema)) from None


def _document(words: Sequence[str]) -> Document:
    files = [word for word in words if "=" not in word]
    if len(files) > 1:
        raise SpecError(f"{files[1]}: one file at most, beside {files[0]}; a setting reads key=value")
    document = Document(files[0], _text(Path(files[0]))) if files else Document("settings", "{}")
    for word in words:
        if "=" in word:
            document.override(word)
    return document


def _text(path: Path) -> str:
    if not path.is_file():
        raise SpecError(f"{path}: there is no such file; a setting reads key=value")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path}: cannot be read as UTF-8 text ({error})") from None
