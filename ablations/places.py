"""Files that a spec names: made absolute, so that workers and later commands find them from anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def settle_places(tree: Any, folder: Path) -> None:
    """Makes absolute, in place, the files that a spec's tree names: models and data of the user's own.

    A relative name is looked for beside the spec, in `folder`, then in the current folder.
    """
    baseline = _mapping(tree, "baseline")
    data, models = _mapping(baseline, "data"), tree.get("models")
    for part in [_mapping(baseline, "model"), data, *_architectures(tree)]:
        if isinstance(part, dict) and "name" in part:
            part["name"] = _settled_code(part["name"], folder)
    if isinstance(models, list):
        tree["models"] = [_settled_code(name, folder) for name in models]
    if isinstance(data.get("path"), str):
        data["path"] = _settled(data["path"], folder)


def _architectures(tree: Any) -> list[Any]:
    """The levels of the one factor that names models, of whole arms too."""
    arms = _mapping(tree, "arms")
    levels = _mapping(tree, "factors").get("architecture")
    named = [_mapping(arms, name).get("architecture") for name in arms]
    return [*(levels if isinstance(levels, list) else [levels]), *named]


def _mapping(tree: Any, key: str) -> dict[str, Any]:
    """A part of the tree; an empty one where there is none, or where it is not what the schema will ask for."""
    part = tree.get(key) if isinstance(tree, dict) else None
    return part if isinstance(part, dict) else {}


def _settled_code(name: Any, folder: Path) -> Any:
    """`file.py:name` with an absolute file; names of the zoo and of packages as they are."""
    if not isinstance(name, str) or ".py:" not in name:
        return name
    place, _, rest = name.rpartition(":")
    return f"{_settled(place, folder)}:{rest}"


def _settled(name: str, folder: Path) -> str:
    """An absolute path; what is there neither way and does not look like a path, such as a hub's id, as it is."""
    path = Path(name).expanduser()
    found = next((here / path for here in (folder, Path.cwd()) if (here / path).exists()), None)
    looks = name.startswith(("./", "../", "~")) or name.endswith((".py", ".npz"))
    return str((found or folder / path).resolve()) if found or looks else name
