"""Objects by name, from this project, from anybody's package, or from a file."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from modules.names import in_a_line, nearest

TIMM = "timm/"


def is_foreign(name: str) -> bool:
    """Whether a name stands for code from elsewhere: `./file.py:name`, `package.module:name`, `timm/name`."""
    return ":" in name or is_timm(name)


def is_timm(name: str) -> bool:
    """Whether a name stands for a model of the timm library."""
    return name.startswith(TIMM)


def load_object(path: str) -> Any:
    """The object at `package.module:name` or `folder/file.py:name`.

    Raises ValueError, in one line, where there is no such file, module or name, or where importing fails.
    """
    place, _, name = path.rpartition(":")
    if place == "__main__":
        cure = f"put it into a file: ./file.py:{name}"
        raise ValueError(f"{path}: workers do not see what a notebook or script holds; {cure}")
    module = _loaded(place, path)
    if not hasattr(module, name):
        public = [known for known in vars(module) if not known.startswith("_")]
        raise ValueError(f"{path}: there is no {name!r} in it; {nearest(name, public)}")
    return getattr(module, name)


def _loaded(place: str, path: str) -> ModuleType:
    try:
        if place.endswith(".py"):
            return _from_file(Path(place))
        _look_here()
        return importlib.import_module(place)
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no file {place}") from None
    except Exception as error:  # whatever the code of others raises
        raise ValueError(f"{path}: importing it failed: {in_a_line(error)}") from error


def _from_file(file: Path) -> ModuleType:
    """The file as a module of its own; files beside it can be imported by it."""
    name = f"_{file.stem}_{hashlib.sha256(str(file.absolute()).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    if not file.is_file():
        raise FileNotFoundError(file)
    if str(file.parent) not in sys.path:
        sys.path.append(str(file.parent))
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None, file
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _look_here() -> None:
    """A command does not look for modules in the folder it is called in, as `python` itself does."""
    if "" not in sys.path:
        sys.path.append("")
