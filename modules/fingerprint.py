"""What identifies a run: the same fingerprint is never trained twice."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from modules.catalog import DATASETS, MODELS
from modules.recipe import Recipe
from modules.values import digest

TRAINED_THROUGH = (
    "modules.batches", "modules.build", "modules.classifier", "modules.data.augmentation", "modules.data.source",
    "modules.data.splits", "modules.measures", "modules.optimizers", "modules.streams", "modules.surgery",
    "modules.training",
)  # fmt: skip
"""The code that every run passes through; an edit anywhere else retrains nothing."""


def fingerprint(recipe: Recipe, seed: int) -> str:
    """Recipe, seed, data and code as one short name."""
    data = DATASETS[recipe.data.name]
    return digest([recipe.canonical(), seed, data.checksum, code_version(recipe)])


def code_version(recipe: Recipe) -> str:
    """The code that a run of this recipe passes through: the training loop, its model, its data, its edits."""
    own = [MODELS[recipe.model.name].builder, DATASETS[recipe.data.name].loader]
    modules = {path.partition(":")[0] for path in own}
    modules |= {type(surgery).__module__ for surgery in recipe.model.surgeries}
    return digest([[name, source_digest(name)] for name in sorted(modules | set(TRAINED_THROUGH))])


@cache
def source_digest(module: str) -> str:
    """Digest of a module's code. Comments, docstrings and layout do not count: they train nothing."""
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None, module
    tree = ast.parse(Path(spec.origin).read_text())
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list):
            node.body = _without_strings(node.body) or [ast.Pass()]  # type: ignore[attr-defined]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:16]


def _without_strings(body: Iterable[ast.stmt]) -> list[ast.stmt]:
    return [
        statement
        for statement in body
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
    ]
