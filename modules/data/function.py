"""Images from a function of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modules.data.images import ImageSet
from modules.data.labelled import labelled_set
from modules.data.parts import ready_parts
from modules.imports import load_object
from modules.names import in_a_line

if TYPE_CHECKING:
    from modules.data.settings import Data


def read(data: Data) -> ImageSet:
    """Calls the function with the arguments; raises ValueError where it fails or returns no images with labels."""
    function = load_object(data.name)
    try:
        returned = function(**dict(data.arguments))
    except Exception as error:  # whatever the code of others raises
        raise ValueError(f"{data.name}: failed: {in_a_line(error)}") from error
    return labelled_set(data, data.name, _by_part(data.name, returned))


def _by_part(name: str, returned: Any) -> dict[str, tuple[Any, Any]]:
    rule = 'it must return (images, labels), or {"train": (images, labels), "test": (images, labels)}'
    if not isinstance(returned, Mapping):
        return {"": _pair(returned, f"{name}: returned {type(returned).__name__}; {rule}")}
    parts = ready_parts(map(str, returned))
    if not parts:
        raise ValueError(f"{name}: returned a mapping of {', '.join(map(str, returned)) or 'nothing'}; {rule}")
    return {
        part: _pair(returned[key], f"{name}: returned {type(returned[key]).__name__} for {key}; {rule}")
        for key, part in parts.items()
    }


def _pair(given: Any, complaint: str) -> tuple[Any, Any]:
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise ValueError(complaint)
    return given[0], given[1]
