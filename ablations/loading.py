"""Specs from YAML, with errors that say where, what, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from ablations.complaint import first_complaint
from ablations.document import Document, SpecError
from ablations.places import settle_places
from ablations.spec import Spec
from modules.names import nearest

SHIPPED = Path(__file__).parent / "specs"


def shipped_specs() -> dict[str, Path]:
    """The specs that come with the project, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


def load_spec(source: str | Path, overrides: Sequence[str] = ()) -> Spec:
    """Reads a spec from a file, or a shipped one by name; `key=value` overrides name values by dotted path.

    Raises SpecError for whatever is wrong with it.
    """
    path = find_spec(str(source))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    document = Document(str(path) if path.parent != SHIPPED else path.name, text)
    for override in overrides:
        document.override(override)
    settle_places(document.tree, path.parent if path.parent != SHIPPED else Path.cwd())
    try:
        return Spec.model_validate(document.tree)
    except ValidationError as error:
        raise SpecError(first_complaint(error, document)) from None


def find_spec(source: str) -> Path:
    """The file that a name or path stands for."""
    shipped = shipped_specs()
    if source in shipped:
        return shipped[source]
    path = Path(source)
    if path.is_file():
        return path
    advice = nearest(path.stem, shipped)
    raise SpecError(f"{source}: there is no such file, and no shipped spec of that name; {advice}")
