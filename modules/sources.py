"""The code that something passes through: files, found by reading imports, and digests of what is in them."""

from __future__ import annotations

import ast
import hashlib
import sysconfig
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

ROOT = Path(__file__).parent.parent
"""The folder that this project's packages lie in."""
CITES = "cites"
"""The class variable that names the papers behind a factor."""
LIBRARIES = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib"))


def source_of(module: str, beside: Path | None = None) -> Path | None:
    """The file of a module, found without importing anything; None where it has none in Python.

    Looks first in the folder `beside`, then where Python looks.
    """
    here: list[str] | None = None
    name = ""
    spec = None
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = (PathFinder.find_spec(name, [str(beside)]) if beside and here is None else None) or PathFinder.find_spec(
            name, here
        )
        if spec is None:
            return None
        here = list(spec.submodule_search_locations or [])
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


@cache
def reached_from(start: Path) -> frozenset[Path]:
    """The file and all that it imports, directly or by way of others, lazily or not, but for libraries."""
    found: set[Path] = set()
    open_ = [start]
    while open_:
        path = open_.pop()
        if path not in found and not is_library(path):
            found.add(path)
            open_ += imported_by(path)
    return frozenset(found)


def is_library(path: Path) -> bool:
    """Whether a file belongs to Python or an installed package; this project is none, wherever it lies."""
    if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in ("modules", "ablations"):
        return False
    return "site-packages" in path.parts or any(path.is_relative_to(folder) for folder in LIBRARIES)


def imported_by(path: Path) -> list[Path]:
    """The files of the modules that a file names in its imports, as far as they can be found."""
    folder, package = _packages_of(path)
    names = _names(ast.parse(path.read_text()), package)
    return [found for name in dict.fromkeys(names) if (found := source_of(name, folder))]


def _names(tree: ast.AST, package: list[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from [base] if base else []
            yield from (f"{base}.{alias.name}".lstrip(".") for alias in node.names)  # a name may be a module


def _packages_of(path: Path) -> tuple[Path, list[str]]:
    """The folder that a file's imports start from, and the packages between it and the file."""
    packages: list[str] = []
    folder = path.parent
    while (folder / "__init__.py").exists():
        packages.insert(0, folder.name)
        folder = folder.parent
    return folder, packages


@cache
def source_digest(path: Path) -> str:
    """Digest of a file's code. Comments, docstrings, layout and citations do not count: they train nothing."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list):
            node.body = _that_counts(node) or [ast.Pass()]  # type: ignore[attr-defined]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:16]


def _that_counts(node: ast.AST) -> list[ast.stmt]:
    in_class = isinstance(node, ast.ClassDef)
    return [one for one in node.body if not _is_string(one) and not (in_class and _is_citation(one))]  # type: ignore[attr-defined]


def _is_string(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_citation(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == CITES
